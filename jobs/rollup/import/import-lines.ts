import { type BatchCount, countBatch, countFolded } from '../counters/count-batch.ts'
import { createJudge } from '../filters/bots.ts'
import { createFold, type Fold } from '../fold/fold.ts'
import type { ReadEvent } from '../fold/read-event.ts'
import type { CountScene } from '../scene.ts'
import type { CounterTable, Settings } from '../tables.ts'
import { type Content, hashOf, TAIL_BYTES } from './content.ts'
import { createLineReader } from './line-event.ts'
import { createParser } from './parse-line.ts'
import { type LineBatch, readBatches } from './read-batches.ts'
import { advanceFile, type BadLine, insertBadLines, selectFileLocked } from './sql.ts'

/** What was made of one batch of lines. */
export interface ParsedBatch {
  readonly batch: LineBatch
  readonly fold: Fold
  /** Only where every event is looked at: for repeats. */
  readonly events: readonly ReadEvent[] | undefined
  readonly bots: number
  readonly bad: readonly BadLine[]
  readonly others: number
}

const BATCH_BYTES = 8 * 1024 * 1024
/** Lines whose events are kept until they are counted take more memory. */
const LOOKED_AT_BYTES = 1024 * 1024
const KEPT_CONTENT = 4096

/** Lines from `from` on, read and folded batch by batch. */
export async function* parseLines(
  content: Content,
  settings: Settings,
  counters: CounterTable,
  { from, line }: { readonly from: number; readonly line: number },
): AsyncGenerator<ParsedBatch> {
  const { format = 'ndjson' } = settings.options.lines ?? {}
  const [header = ''] = content.head.toString('utf8').split('\n', 1)
  const parse = createParser(format, header)
  const read = createLineReader(settings, counters, createJudge(settings.options.filters))
  const keepsEvents = settings.options.filters.repeats !== undefined
  const batches = readBatches(content, {
    from,
    line,
    maximumBytes: keepsEvents ? LOOKED_AT_BYTES : BATCH_BYTES,
    tailBytes: TAIL_BYTES,
    atEnd: content.bytes === undefined ? 'takeLastLine' : 'leaveLastLine',
  })
  for await (const batch of batches) {
    const isHeader = (number: number) => format === 'csv' && number === 1
    const parsed = {
      fold: foldFor(counters),
      events: [] as ReadEvent[],
      bots: 0,
      bad: [] as BadLine[],
      others: 0,
    }
    for (const [index, text] of batch.lines.entries()) {
      const number = batch.firstLine + index
      if (text.trim() === '' || isHeader(number)) continue
      const fields = parse(text)
      const made =
        fields === undefined
          ? ({ type: 'bad', reason: `no line of format ${format}` } as const)
          : read(fields)
      if (made.type === 'other') parsed.others += 1
      else if (made.type === 'bad')
        parsed.bad.push({ line: number, reason: made.reason, content: text.slice(0, KEPT_CONTENT) })
      else {
        if (made.event.series === 'bots') parsed.bots += 1
        if (keepsEvents) parsed.events.push(made.event)
        else parsed.fold.add(made.event)
      }
    }
    yield { ...parsed, batch, events: keepsEvents ? parsed.events : undefined }
  }
}

function foldFor({ sizes, measures }: CounterTable): Fold {
  const countOf = (wanted: string) => measures.filter(({ type }) => type === wanted).length
  return createFold({ sizes, sums: countOf('sum'), uniques: countOf('unique') })
}

/** One batch, in one transaction: counters, totals, ledger, bad lines, and how far the file is counted. */
export async function countLines(
  scene: CountScene,
  { fileId, from }: { readonly fileId: string; readonly from: number },
  { batch, fold, events, bots, bad }: ParsedBatch,
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
    const { to, lines, tail } = batch
    const advance = { fileId, runId, to, tailHash: hashOf(tail), lines: lines.length, badLines: bad.length }
    await transaction.change(advanceFile(schema, advance))
    await context.reach('rollup.lines-counted')
    return count
  })
  await context.reach('rollup.lines-committed')
  return counted
}
