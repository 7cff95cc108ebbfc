import type { Content } from './content.ts'
import { joinLastRecords, joinRecords } from './csv-records.ts'

/** Whole lines, with where they end. */
export interface LineBatch {
  /** A record of several lines stands at its first one, and its others are empty. */
  readonly lines: readonly string[]
  /** The number of the first one, from 1. */
  readonly firstLine: number
  /** Behind the last line's end. */
  readonly to: number
  /** The last bytes before that, to know the place again. */
  readonly tail: Buffer
}

export interface ReadFrom {
  readonly from: number
  readonly line: number
  readonly maximumBytes: number
  readonly tailBytes: number
  /** Whether a last line without an end is one: of a stream it is, a file may still be written. */
  readonly atEnd: 'takeLastLine' | 'leaveLastLine'
  /** `quoted`: line breaks inside quotes belong to the value. */
  readonly records: 'lines' | 'quoted'
}

/** Lines as they come, so many bytes at a time; memory does not grow with the file. */
export async function* readBatches(content: Content, options: ReadFrom): AsyncGenerator<LineBatch> {
  const { from, maximumBytes, tailBytes, atEnd } = options
  // The bytes before `from` are the tail of the lines before, and belong to that of the next ones.
  let lead = Math.min(from, tailBytes)
  let place: Place = { to: from, line: options.line, tail: Buffer.alloc(0) }
  let parts: Buffer[] = []
  let bytes = 0
  for await (const chunk of content.chunks(from - lead)) {
    if (lead > 0) place = { ...place, tail: Buffer.concat([place.tail, chunk.subarray(0, lead)]) }
    const own = chunk.subarray(lead)
    lead -= chunk.length - own.length
    parts.push(own)
    bytes += own.length
    if (bytes < maximumBytes) continue
    const all = Buffer.concat(parts)
    const batch = takeLines(all, place, options)
    if (batch !== undefined) yield batch
    const rest = batch === undefined ? all : all.subarray(batch.to - place.to)
    place = behind(place, batch)
    parts = [rest]
    bytes = rest.length
  }
  const rest = Buffer.concat(parts)
  const last = atEnd === 'takeLastLine' ? takeRest(rest, place, options) : takeLines(rest, place, options)
  if (last !== undefined) yield last
}

/** Where a batch begins. */
interface Place {
  readonly to: number
  readonly line: number
  readonly tail: Buffer
}

function behind(place: Place, batch: LineBatch | undefined): Place {
  if (batch === undefined) return place
  return { to: batch.to, line: batch.firstLine + batch.lines.length, tail: batch.tail }
}

/** As many lines as are whole; undefined when none is. */
function takeLines(bytes: Buffer, place: Place, options: ReadFrom): LineBatch | undefined {
  const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1)
  const lines = splitLines(whole)
  const records = options.records === 'quoted' ? joinRecords(lines) : lines.length
  if (records === 0) return undefined
  const taken = whole.subarray(0, startOfLast(whole, lines.length - records))
  return toBatch(taken, lines.slice(0, records), place, options)
}

/** Everything that is left. */
function takeRest(bytes: Buffer, place: Place, options: ReadFrom): LineBatch | undefined {
  const lines = splitLines(bytes)
  if (options.records === 'quoted') joinLastRecords(lines)
  return lines.length === 0 ? undefined : toBatch(bytes, lines, place, options)
}

function splitLines(bytes: Buffer): string[] {
  const lines = bytes.toString('utf8').split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

function toBatch(
  taken: Buffer,
  lines: readonly string[],
  { to, line, tail }: Place,
  { tailBytes }: ReadFrom,
): LineBatch {
  const end = taken.length < tailBytes ? Buffer.concat([tail, taken]) : taken
  return { lines, firstLine: line, to: to + taken.length, tail: end.subarray(-tailBytes) }
}

/** Where the last so many lines begin; each of them has its end. */
function startOfLast(whole: Buffer, lines: number): number {
  let at = whole.length
  for (let left = lines; left > 0 && at > 0; left--) at = at < 2 ? 0 : whole.lastIndexOf(10, at - 2) + 1
  return at
}
