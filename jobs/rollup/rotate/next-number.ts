import { type Column, readTable } from '../../../src/db/catalog.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import type { TableName } from '../../../src/db/statement.ts'
import { formatCount } from '../../../src/lib/units.ts'
import { selectLowest } from './sql.ts'

/** Where the numbers of the table begin that takes the place of one put aside. */
export type NextNumber =
  /** No column draws numbers. */
  | { readonly type: 'none' }
  | { readonly type: 'number'; readonly start: bigint }
  /** So few are left that the new table would have to begin at 1 again. Ends a sentence about the table. */
  | { readonly type: 'usedUp'; readonly why: string }

/**
 * Writers go on drawing numbers until the names are exchanged, and nothing that both servers have holds them up before
 * that: MariaDB renames no table that the session has locked. A tenth of what the table has drawn in its life is more than
 * come in these seconds; what bursts beyond it, `goOnBehind` finds afterwards.
 */
const LEAST_MARGIN = 1000n
const LARGEST_MARGIN = 100_000n

export async function readNextNumber(
  session: Pick<ReadSession, 'rows'>,
  name: TableName,
): Promise<NextNumber> {
  const table = await readTable(session, name)
  const column = table?.columns.find(({ isAutoIncrement }) => isAutoIncrement)
  if (table?.autoIncrement === undefined || column === undefined) return { type: 'none' }
  const [row] = await session.rows(selectLowest(name, column.name))
  const next = BigInt(table.autoIncrement)
  const start = startBehind(next, BigInt(Math.trunc(Number(row?.lowest ?? next))))
  if (start <= largestOf(column)) return { type: 'number', start }
  return { type: 'usedUp', why: describeUsedUp(column, next, start) }
}

/** `next` is the number to be drawn next, `lowest` the first one that is there. */
export function startBehind(next: bigint, lowest: bigint): bigint {
  const drawn = next > lowest ? next - lowest : 0n
  const margin = LEAST_MARGIN + drawn / 10n
  return next + (margin < LARGEST_MARGIN ? margin : LARGEST_MARGIN)
}

/** What a table draws next; undefined where no column draws numbers. */
export async function readCounter(
  session: Pick<ReadSession, 'rows'>,
  name: TableName,
): Promise<bigint | undefined> {
  const text = (await readTable(session, name))?.autoIncrement
  return text === undefined ? undefined : BigInt(text)
}

function describeUsedUp({ name, columnType }: Column, next: bigint, start: bigint): string {
  return `${name} (${columnType}) has drawn its numbers up to ${formatCount(Number(next - 1n))}; the new table would begin at ${formatCount(Number(start))}, which does not fit, or at 1 again`
}

const bits: Readonly<Record<string, bigint>> = {
  tinyint: 8n,
  smallint: 16n,
  mediumint: 24n,
  int: 32n,
  bigint: 64n,
  // Whole numbers up to here are exact.
  float: 24n,
  double: 53n,
}

function largestOf({ dataType, columnType }: Column): bigint {
  const size = bits[dataType] ?? 8n
  const isSigned = dataType.endsWith('int') && !columnType.includes('unsigned')
  return 2n ** (isSigned ? size - 1n : size) - 1n
}
