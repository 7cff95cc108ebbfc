import type { Content } from './content.ts'

/** Whole lines, with where they end. */
export interface LineBatch {
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
}

/** Lines as they come, so many bytes at a time; memory does not grow with the file. */
export async function* readBatches(content: Content, options: ReadFrom): AsyncGenerator<LineBatch> {
  const { maximumBytes, tailBytes, atEnd } = options
  let { from: to, line } = options
  let parts: Buffer[] = []
  let bytes = 0
  const take = (whole: Buffer): LineBatch => {
    const lines = whole.toString('utf8').split('\n')
    if (lines.at(-1) === '') lines.pop()
    to += whole.length
    const batch = { lines, firstLine: line, to, tail: whole.subarray(-tailBytes) }
    line += lines.length
    return batch
  }
  for await (const chunk of content.chunks(options.from)) {
    parts.push(chunk)
    bytes += chunk.length
    if (bytes < maximumBytes) continue
    const all = Buffer.concat(parts)
    const end = all.lastIndexOf(10) + 1
    if (end > 0) yield take(all.subarray(0, end))
    parts = [all.subarray(end)]
    bytes = all.length - end
  }
  const rest = Buffer.concat(parts)
  const end = atEnd === 'takeLastLine' ? rest.length : rest.lastIndexOf(10) + 1
  if (end > 0) yield take(rest.subarray(0, end))
}
