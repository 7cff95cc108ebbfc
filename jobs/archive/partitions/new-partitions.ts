import { type Month, monthsBetween, monthsFrom, nextMonth, previousMonth } from './months.ts'
import { boundOf, type Layout } from './scheme.ts'

/** A partition to be made. */
export interface NewPartition {
  readonly name: string
  /** As the catalogue will print it; undefined for MAXVALUE. */
  readonly upperBound: string | undefined
}

/** Months that follow each other and share a partition: nearly always one. */
export interface Piece {
  readonly first: Month
  readonly last: Month
}

/**
 * Empty months up to this many in a row get partitions like all others. A longer gap is the distance to a date that
 * somebody mistyped or that stands for "never" (1970-01-01, 1900-01-01): hundreds of empty files would not help, so the
 * gap is one partition, cut later if a row should come for it.
 */
const LONGEST_GAP = 240

/** The months from `first` to `last` in pieces, a piece of its own for each month wanted. */
export function cutIntoMonths({ first, last }: Piece, wanted: readonly Month[]): readonly Piece[] {
  const inside = wanted.filter((month) => first <= month && month <= last)
  const pieces: Piece[] = []
  let from = first
  for (const month of new Set(inside.toSorted())) {
    pieces.push(...fillGap(from, previousMonth(month)), { first: month, last: month })
    from = nextMonth(month)
  }
  return [...pieces, ...fillGap(from, last)]
}

function fillGap(first: Month, last: Month): readonly Piece[] {
  if (first > last) return []
  if (monthsBetween(first, last) >= LONGEST_GAP) return [{ first, last }]
  return monthsFrom(first, last).map((month) => ({ first: month, last: month }))
}

/** The months that have a piece of their own. */
export function monthsOf(pieces: readonly Piece[]): readonly Month[] {
  return pieces.filter(({ first, last }) => first === last).map(({ first }) => first)
}

/** Partitions for the pieces, in their order. `taken`: the names that other partitions of the table have. */
export function namePartitions(
  pieces: readonly Piece[],
  taken: readonly string[],
  layout: Layout,
): readonly NewPartition[] {
  const used = new Set(taken.map((name) => name.toLowerCase()))
  return pieces.map((piece) => {
    const name = findFreeName(nameOf(piece), used)
    used.add(name)
    return { name, upperBound: boundOf(nextMonth(piece.last), layout) }
  })
}

/** `p200506`, `p197002_200505`. */
export function nameOf({ first, last }: Piece): string {
  const name = `p${first.replace('-', '')}`
  return first === last ? name : `${name}_${last.replace('-', '')}`
}

/** Both servers compare names of partitions without case (error 1517). */
function findFreeName(name: string, used: ReadonlySet<string>): string {
  if (!used.has(name)) return name
  const suffixes = Array.from({ length: used.size + 1 }, (_, index) => index + 2)
  const free = suffixes.find((suffix) => !used.has(`${name}_${suffix}`))
  return `${name}_${free}`
}
