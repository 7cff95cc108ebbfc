import type { Row } from '../../../src/db/connection.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { type BatchCount, countBatch, countFolded, readRows } from '../counters/count-batch.ts'
import { type KeyCells, keyCells, keyValues } from '../events/key.ts'
import { inRuns, type Run } from '../events/runs.ts'
import { canFoldInside, foldInside } from '../fold/fold-inside.ts'
import type { ReadEventRow } from '../fold/read-event.ts'
import type { Scene } from '../scene.ts'
import type { SourceTable } from '../tables.ts'
import { eventsDisagree, eventsNotDeleted } from './errors.ts'
import { deleteEvents, deleteRuns, type Key, lockEvents, lockRuns } from './sql.ts'

export interface ConsumedBatch {
  readonly locked: number
  readonly count: BatchCount
}

export interface Taking {
  readonly upTo: Key
  readonly rows: number
  /** Hands out where the walk is, and takes the last key that was locked. */
  readonly take: (look: (behind: Key | undefined) => Promise<readonly Row[]>) => Promise<readonly Row[]>
  readonly read: ReadEventRow
}

export const noCount: BatchCount = { events: 0, filtered: 0, keys: 0, unknownObjects: [], top: [] }

/**
 * One batch, inside the transaction that it is: lock the events, delete exactly them, add them to the counters. Whatever
 * does not agree throws, and with the transaction nothing has happened. The counters come last: those of an object that
 * everybody looks at are locked from then on, and another worker would wait.
 */
export function consumeBatch(transaction: Transaction, scene: Scene, taking: Taking): Promise<ConsumedBatch> {
  const { source } = scene
  const column = wholeNumberKey(source)
  return column !== undefined && canFoldInside(source)
    ? consumeInside(transaction, scene, taking, column)
    : consumeRows(transaction, scene, taking)
}

/** Keys without gaps name their rows by two ends; of another key only lists can be made. */
function wholeNumberKey({ key }: SourceTable): string | undefined {
  const [column, ...more] = key
  const isWhole = ['int', 'bigint', 'mediumint', 'smallint', 'tinyint'].includes(column?.dataType ?? '')
  return isWhole && more.length === 0 ? column?.name : undefined
}

/** The events stay on the server: only their keys are read, and what they come to. */
async function consumeInside(
  transaction: Transaction,
  scene: Scene,
  { upTo, rows, take }: Taking,
  column: string,
): Promise<ConsumedBatch> {
  const { context, source } = scene
  const runs = await lockRunsOf(transaction, scene, { upTo, rows, take }, column)
  await context.reach('rollup.events-locked')
  const locked = runs.reduce((sum, { events }) => sum + events, 0)
  if (locked === 0) return { locked, count: noCount }
  const stretch = { table: source.table.name, where: inRuns(column, runs) }
  const fold = await foldInside(transaction, scene, source, stretch)
  if (fold.events !== locked) throw eventsDisagree(source, { locked, folded: fold.events })
  await removeRuns(transaction, scene, { column, runs, events: locked })
  await context.reach('rollup.events-deleted')
  const count = await countFolded(transaction, scene, { fold, origin: 'table', repeats: 0, bots: 0 })
  await context.reach('rollup.events-counted')
  return { locked, count }
}

interface LockedRun extends Run {
  readonly events: number
}

async function lockRunsOf(
  transaction: Transaction,
  { source }: Scene,
  { upTo, rows, take }: Pick<Taking, 'upTo' | 'rows' | 'take'>,
  column: string,
): Promise<readonly LockedRun[]> {
  const runs = await take(async (behind) => {
    const found = await transaction.rows(lockRuns(source, column, { behind, upTo, rows }))
    return found.map((run) => ({ ...run, key_0: run.last ?? null }))
  })
  return runs.map(({ first, last, events }) => ({
    first: BigInt(String(first)),
    last: BigInt(String(last)),
    events: Number(events),
  }))
}

/** More ranges than this in one statement cost the optimizer more than the rows do. */
const RUNS_PER_STATEMENT = 2000

async function removeRuns(
  transaction: Transaction,
  { source }: Scene,
  {
    column,
    runs,
    events,
  }: { readonly column: string; readonly runs: readonly Run[]; readonly events: number },
): Promise<void> {
  let deleted = 0
  for (let from = 0; from < runs.length; from += RUNS_PER_STATEMENT) {
    const part = runs.slice(from, from + RUNS_PER_STATEMENT)
    deleted += (await transaction.change(deleteRuns(source, column, part))).affectedRows
  }
  if (deleted !== events) throw eventsNotDeleted(source.table.name, { counted: events, deleted })
}

/** The events come here: filters and different values look at each. */
async function consumeRows(
  transaction: Transaction,
  scene: Scene,
  { upTo, rows, take, read }: Taking,
): Promise<ConsumedBatch> {
  const { context, source } = scene
  const locked = await take((behind) => transaction.rows(lockEvents(source, { behind, upTo, rows })))
  await context.reach('rollup.events-locked')
  const { events, usable } = readRows(locked, read)
  if (events.length === 0) return { locked: locked.length, count: noCount }
  const keys = usable.map((row) => keyCells(source, row))
  await removeEvents(transaction, scene, keys)
  await context.reach('rollup.events-deleted')
  const count = await countBatch(transaction, scene, events, 'table')
  await context.reach('rollup.events-counted')
  return { locked: locked.length, count }
}

/** MariaDB makes look-ups of 16,000 keys at most; with more it reads the table whole. */
const KEYS_PER_STATEMENT = 10_000

async function removeEvents(
  transaction: Transaction,
  { source }: Scene,
  keys: readonly KeyCells[],
): Promise<void> {
  let deleted = 0
  for (let from = 0; from < keys.length; from += KEYS_PER_STATEMENT) {
    const part = keys.slice(from, from + KEYS_PER_STATEMENT).map((cells) => keyValues(source, cells))
    deleted += (await transaction.change(deleteEvents(source, part))).affectedRows
  }
  if (deleted !== keys.length) throw eventsNotDeleted(source.table.name, { counted: keys.length, deleted })
}
