import type { ExecuteContext, PlanContext } from '../../../src/run/context.ts'
import type { VerbInput, VerbResult } from '../../../src/run/job.ts'
import { createOwnTable, planOwnTables } from '../counters/own-tables.ts'
import { foldOldLines } from '../ledger/fold-lines.ts'
import { noteKept } from '../ledger/kept.ts'
import { readTables } from '../resolve/tables.ts'
import type { CountScene } from '../scene.ts'
import { readChoice } from '../strategy/topology.ts'
import type { CounterTable, Settings, Tables } from '../tables.ts'
import { type Content, hashOf, openFile, openStream } from './content.ts'
import { batchIdNeeded, linesNeeded, notWithRecompute } from './errors.ts'
import { countLines, type ParsedBatch, parseLines } from './import-lines.ts'
import { type ImportResult, noLines, resultOfImport } from './import-result.ts'
import { checkTail, findKnown, type KnownFile } from './known-file.ts'
import { insertFile } from './sql.ts'

/** Counts the lines of a file or of standard input that were not counted before. */
export async function importFile(
  context: ExecuteContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  const { batchId } = checkAsked(settings, input)
  await refuseRecompute(context, settings)
  const content = await openContent(input, context.stop)
  const tables = forLines(await makeTables(context, settings))
  const scene: CountScene = { context, settings, tables }
  await noteKept(scene)
  const known = await lookUp(context, settings, { batchId, content })
  const file = known ?? (await register(context, settings, { batchId, content }))
  const result = await countAll(scene, content, file)
  await foldOldLines(context)
  return resultOfImport(settings, content, { ...result, known })
}

/** What it would count; nothing is written. */
export async function previewImport(
  context: PlanContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  const { batchId } = checkAsked(settings, input)
  await refuseRecompute(context, settings)
  const content = await openContent(input, context.stop)
  const { counters } = forLines(await readTables(context, settings))
  const known = await lookUp(context, settings, { batchId, content })
  const from = startOf(known)
  let result: ImportResult = { ...noLines, from: from.from }
  try {
    for await (const parsed of parseLines(content, settings, counters, from))
      result = add(result, parsed, parsed.events?.length ?? parsed.fold.events)
  } finally {
    context.stop.throwIfAborted()
  }
  return resultOfImport(settings, content, { ...result, known })
}

function checkAsked(settings: Settings, { arguments: words, options }: VerbInput) {
  if (settings.options.lines === undefined) throw linesNeeded(settings)
  const { batchId } = options
  if (words.file === '-' && batchId === undefined) throw batchIdNeeded(settings)
  return { batchId }
}

/** `auto` may come to it too. */
async function refuseRecompute(context: PlanContext, settings: Settings): Promise<void> {
  const { source } = await readTables(context, settings)
  const choice = source && (await readChoice(context, settings, source))
  const strategy = choice !== undefined && 'strategy' in choice ? choice.strategy : undefined
  const asked = settings.options.source?.strategy
  if (strategy === 'recompute' || asked === 'recompute') throw notWithRecompute(settings)
}

/** Reading ends at once when the command is stopped; what is being written then is finished. */
function openContent({ arguments: { file = '-' } }: VerbInput, stop: AbortSignal): Promise<Content> {
  const opening = file === '-' ? openStream(stop) : openFile(file, stop)
  return opening.catch((error) => {
    throw stop.aborted ? stop.reason : error
  })
}

/** Values of files are UTF-8, whatever the columns of events are. */
function forLines(tables: Tables): Tables {
  const group = tables.counters.group.map(({ name, column }): CounterTable['group'][number] => ({
    name,
    column: column.characterSet === undefined ? column : { ...column, characterSet: 'utf8mb4' },
  }))
  return { ...tables, counters: { ...tables.counters, group } }
}

async function makeTables(context: ExecuteContext, settings: Settings): Promise<Tables> {
  const tables = await readTables(context, settings)
  for (const step of planOwnTables(tables)) await createOwnTable({ context, tables }, step)
  return readTables(context, settings)
}

interface Asked {
  readonly batchId: string | undefined
  readonly content: Content
}

async function lookUp(context: PlanContext, { job }: Settings, { batchId, content }: Asked) {
  const known = await context.read((session) =>
    findKnown(session, context.control, { job, batchId, content }),
  )
  if (known !== undefined) await checkTail(content, known)
  return known
}

async function register(
  context: ExecuteContext,
  { job }: Settings,
  { batchId, content }: Asked,
): Promise<KnownFile> {
  const { runId, control } = context
  const { head, name } = content
  const file = { job, runId, batchId, name, headBytes: head.length, headHash: hashOf(head) }
  const id = await context.transact('register file', async (transaction) => {
    const { insertId } = await transaction.change(insertFile(control.schema, file))
    return insertId
  })
  return { id, name, doneBytes: 0, doneLines: 0 }
}

function startOf(known: KnownFile | undefined): { readonly from: number; readonly line: number } {
  return { from: known?.doneBytes ?? 0, line: (known?.doneLines ?? 0) + 1 }
}

/** Lines are read while those before them are written; a stop is heeded between two batches. */
async function countAll(scene: CountScene, content: Content, file: KnownFile): Promise<ImportResult> {
  const { context, settings, tables } = scene
  const step = { step: 'importing lines', unit: 'bytes' } as const
  const total = content.bytes === undefined ? {} : { total: content.bytes }
  context.emit({ type: 'stepStarted', ...step, ...total })
  let result: ImportResult = { ...noLines, from: file.doneBytes }
  let from = file.doneBytes
  let writing: Promise<void> = Promise.resolve()
  const write = async (parsed: ParsedBatch, at: number) => {
    const count = await countLines(scene, { fileId: file.id, from: at }, parsed)
    result = add(result, parsed, count.events, count)
    context.emit({ type: 'stepProgress', ...step, ...total, done: parsed.to })
  }
  try {
    for await (const parsed of parseLines(content, settings, tables.counters, startOf(file))) {
      await writing
      context.stop.throwIfAborted()
      writing = write(parsed, from)
      writing.catch(() => {})
      from = parsed.to
    }
  } finally {
    await writing
    context.stop.throwIfAborted()
  }
  context.emit({ type: 'stepFinished', ...step, done: from })
  return { ...result, to: from }
}

function add(
  result: ImportResult,
  { to, lines, bad, others }: ParsedBatch,
  events: number,
  { keys, filtered }: { readonly keys: number; readonly filtered: number } = { keys: 0, filtered: 0 },
): ImportResult {
  return {
    ...result,
    to,
    lines: result.lines + lines,
    events: result.events + events,
    others: result.others + others,
    keys: result.keys + keys,
    filtered: result.filtered + filtered,
    batches: result.batches + 1,
    bad: result.bad + bad.length,
    samples: [...result.samples, ...bad].slice(0, 5),
  }
}
