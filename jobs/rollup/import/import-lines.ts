import { type BatchCount, countBatch, countFolded, foldFor } from '../counters/count-batch.ts'
import { createJudge } from '../filters/bots.ts'
import type { Fold } from '../fold/fold.ts'
import type { ReadEvent } from '../fold/read-event.ts'
import type { CountScene } from '../scene.ts'
import type { CounterTable, Settings } from '../tables.ts'
import { type Content, hashOf, TAIL_BYTES } from './content.ts'
import { endsInQuotes, joinRecords } from './csv-records.ts'
import { createLineReader, type ReadLine } from './line-event.ts'
import { createParser, type LineFormat } from './parse-line.ts'
import { type LineBatch, readBatches } from './read-batches.ts'
import { advanceFile, type BadLine, insertBadLines, selectFileLocked } from './sql.ts'

/** What was made of some lines. */
export interface ParsedBatch {
  readonly fold: Fold
  /** Only where every event is looked at: for repeats. */
  readonly events: readonly ReadEvent[] | undefined
  readonly bots: number
  readonly bad: readonly BadLine[]
  readonly others: number
  readonly lines: number
  /** Behind the last line's end, with the bytes before that place. */
  readonly to: number
  readonly tail: Buffer
}

/** Small ones live short: with eight times as much, twice the memory was taken. */
const BLOCK_BYTES = 512 * 1024
/** Lines whose events are kept until they are counted take more memory. */
const MOST_KEPT = 10_000
/** A file of nothing but other lines is still noted now and then. */
const MOST_LINES = 1_000_000
const MOST_BAD = 1000
const KEPT_CONTENT = 4096

/** Lines from `from` on, read block by block and folded until there are enough events for a transaction. */
export async function* parseLines(
  content: Content,
  settings: Settings,
  counters: CounterTable,
  { from, line }: { readonly from: number; readonly line: number },
): AsyncGenerator<ParsedBatch> {
  const judge = createLineJudge(content, settings, counters)
  const keepsEvents = settings.options.filters.repeats !== undefined
  const { rows } = settings.options.batch
  const most = keepsEvents ? Math.min(rows, MOST_KEPT) : rows
  const blocks = readBatches(content, {
    from,
    line,
    maximumBytes: BLOCK_BYTES,
    tailBytes: TAIL_BYTES,
    atEnd: content.bytes === undefined ? 'takeLastLine' : 'leaveLastLine',
    records: settings.options.lines?.format === 'csv' ? 'quoted' : 'lines',
  })
  let pile = createPile(counters, keepsEvents ? [] : undefined)
  for await (const block of blocks) {
    addBlock(pile, block, judge)
    if (countOf(pile) < most && pile.lines < MOST_LINES && pile.bad.length < MOST_BAD) continue
    yield pile
    pile = createPile(counters, keepsEvents ? [] : undefined)
  }
  if (pile.lines > 0) yield pile
}

interface Pile extends ParsedBatch {
  events: ReadEvent[] | undefined
  bots: number
  readonly bad: BadLine[]
  others: number
  lines: number
  to: number
  tail: Buffer
}

/** `events`: an empty list, where they are kept. */
function createPile(counters: CounterTable, events: ReadEvent[] | undefined): Pile {
  const fold = foldFor(counters)
  return { fold, events, bots: 0, bad: [], others: 0, lines: 0, to: 0, tail: Buffer.alloc(0) }
}

function countOf({ events, fold }: ParsedBatch): number {
  return events?.length ?? fold.events
}

function addBlock(pile: Pile, { lines, firstLine, to, tail }: LineBatch, judge: JudgeLine): void {
  for (const [index, text] of lines.entries())
    addLine(pile, judge(text, firstLine + index), text, firstLine + index)
  pile.lines += lines.length
  pile.to = to
  pile.tail = tail
}

function addLine(pile: Pile, made: ReadLine | undefined, text: string, line: number): void {
  switch (made?.type) {
    case undefined:
      return
    case 'other':
      pile.others += 1
      return
    case 'bad':
      pile.bad.push({ line, reason: made.reason, content: text.slice(0, KEPT_CONTENT) })
      return
    case 'event':
      if (made.event.series === 'bots') pile.bots += 1
      if (pile.events === undefined) pile.fold.add(made.event)
      else pile.events.push(made.event)
  }
}

/** Undefined for what is no line of data: an empty one, and the header of a CSV file. */
type JudgeLine = (text: string, line: number) => ReadLine | undefined

function createLineJudge(content: Content, settings: Settings, counters: CounterTable): JudgeLine {
  const { format = 'ndjson' } = settings.options.lines ?? {}
  const parse = createParser(format, format === 'csv' ? readHeader(content) : '')
  const read = createLineReader(settings, counters, createJudge(settings.options.filters))
  return (text, line) => {
    if (text.trim() === '' || (format === 'csv' && line === 1)) return undefined
    const fields = parse(text)
    return fields === undefined ? { type: 'bad', reason: explainBad(format, text) } : read(fields)
  }
}

function readHeader({ head }: Content): string {
  const lines = head.toString('utf8').split('\n')
  joinRecords(lines)
  return lines[0] ?? ''
}

function explainBad(format: LineFormat, text: string): string {
  if (format === 'csv' && endsInQuotes(text)) return 'its quote is not closed within 64 KiB'
  return `no line of format ${format}`
}

/** One batch, in one transaction: counters, totals, ledger, bad lines, and how far the file is counted. */
export async function countLines(
  scene: CountScene,
  { fileId, from }: { readonly fileId: string; readonly from: number },
  { fold, events, bots, bad, lines, to, tail }: ParsedBatch,
): Promise<BatchCount> {
  const { context } = scene
  const { schema } = context.control
  const { runId } = context
  const counted = await context.transact('import lines', async (transaction) => {
    const [row] = await transaction.rows(selectFileLocked(schema, fileId))
    if (Number(row?.done_bytes) !== from) throw new TypeError('somebody else has counted these lines')
    const count =
      events === undefined
        ? await countFolded(transaction, scene, { fold, origin: 'file', repeats: [], bots })
        : await countBatch(transaction, scene, events, 'file')
    if (bad.length > 0) await transaction.change(insertBadLines(schema, { fileId, runId }, bad))
    const advance = { fileId, runId, to, tailHash: hashOf(tail), lines, badLines: bad.length }
    await transaction.change(advanceFile(schema, advance))
    await context.reach('rollup.lines-counted')
    return count
  })
  await context.reach('rollup.lines-committed')
  return counted
}
