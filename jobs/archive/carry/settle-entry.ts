import type { Cell, Row } from '../../../src/db/connection.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { plural } from '../../../src/lib/units.ts'
import { type AgeRange, eligibleRange, monthRange } from '../cutoff.ts'
import { takeFromMonth } from '../ledger/sql.ts'
import { changeOne } from '../ledger/write-month.ts'
import { countsDisagree, tooManyChildren } from '../move/errors.ts'
import { describeKey } from '../move/key-text.ts'
import { cellsOf, countByTable, keysOf, slices } from '../move/locked-rows.ts'
import { listMovedTables, type MovedTable } from '../move/moved-table.ts'
import type { Eligible, Key } from '../move/sql.ts'
import { listLive } from '../partitions/pairs.ts'
import { archivePlace } from '../place.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { requireUnaltered } from '../unaltered.ts'
import { type FamilyRows, keepFamilies, lockChildren, toRoots } from './families.ts'
import { handOver } from './hand-over.ts'
import { forget, type JournalEntry, toJournalRow } from './journal.ts'
import { adoptJournal, type BatchId, deleteJournal } from './journal-sql.ts'
import { removeRows } from './remove.ts'
import { type Decision, decide } from './settle-decision.ts'
import { deleteArchived, lockArchived, lockByKey, toKey } from './sql.ts'

/** One journal row in hand. */
interface Settling {
  readonly scene: Scene
  readonly entry: JournalEntry
  readonly tables: readonly [MovedTable, ...MovedTable[]]
  readonly keys: readonly Key[]
  readonly eligible: Eligible
  /** Of the archive table's partition. */
  readonly range: AgeRange
}

/**
 * Rows of a batch that was copied but not deleted: those that are as they were copied are deleted at the source, and of
 * those that changed or are not due any more the copies are taken out of the archive. Does nothing when the source
 * restarts its transaction: the entry is then to be read anew.
 */
export async function settleEntry(scene: Scene, entry: JournalEntry): Promise<void> {
  const settling = begin(scene, entry)
  const handed = await handOver(scene, {
    label: `settle ${entry.month}`,
    lock: (source) => lockSource(source, settling),
    write: (there, held, id) => takeStaleBack(there, settling, { held, id }),
    remove: (source, held, { equal }) => removeRows(source, scene, keepAll(held, equal), settling.eligible),
  })
  if (handed.type !== 'done') return
  const { id, held, written } = handed
  await forget(scene.context, [id])
  account(settling, keepAll(held, written.equal))
}

/** The run that copied them has counted them as changed, but neither as archived nor as deleted. */
function account({ scene, entry }: Settling, [live, ...others]: readonly FamilyRows[]): void {
  if (live === undefined) return
  const rows = live.rows.length
  const changed = entry.id.runId === scene.context.runId ? 0 : rows
  const month = { rows, bytes: 0, batches: 1, milliseconds: 0, how: 'batches' } as const
  const counts = { archived: rows, deleted: rows }
  const children = countByTable(others)
  scene.tally.add(resultOf({ counts, changed, months: { [entry.month]: month }, children }))
}

function begin(scene: Scene, entry: JournalEntry): Settling {
  const { tables, cutoff, settings } = scene
  const [live, ...children] = listMovedTables(tables)
  if (live === undefined) throw new TypeError('nothing to settle')
  return {
    scene,
    entry,
    tables: [live, ...children],
    keys: entry.keys.map((cells) => toKey(live.key, cells)),
    eligible: { range: eligibleRange(entry.month, cutoff, tables), where: settings.options.where },
    range: monthRange(entry.month, tables),
  }
}

/** What the source has under the keys now, locked, whether it is still due or not. */
async function lockSource(
  source: Transaction,
  { scene, entry, tables, keys, eligible }: Settling,
): Promise<readonly FamilyRows[]> {
  const [live] = tables
  const rows: Row[] = []
  for (const some of slices(keys)) {
    rows.push(...(await source.rows(lockByKey(live, scene.tables.age.column, { ...eligible, keys: some }))))
  }
  const roots = toRoots(live, { read: live.key, rows })
  const children = await lockChildren(source, tables, { side: 'source', keys: keysOf(roots, live.key) })
  if (children === 'tooMany') throw tooManyChildren(live.name, entry.month)
  await requireUnaltered(source, listLive(scene.tables))
  return [roots, ...children]
}

async function lockArchive(
  there: Transaction,
  { entry, tables, keys, range }: Settling,
): Promise<readonly FamilyRows[]> {
  const [live] = tables
  const rows: Row[] = []
  for (const some of slices(keys)) rows.push(...(await there.rows(lockArchived(live, { keys: some, range }))))
  const roots = toRoots(live, { read: live.key, rows })
  const found = { side: 'archive', keys: keysOf(roots, live.key), range } as const
  const children = await lockChildren(there, tables, found)
  if (children === 'tooMany') throw tooManyChildren(live.archive.name, entry.month)
  return [roots, ...children]
}

/**
 * In the destination's transaction. The journal row is from then on that of this transaction of the source, and names
 * only what it is to delete.
 */
async function takeStaleBack(
  there: Transaction,
  settling: Settling,
  { held, id }: { held: readonly FamilyRows[]; id: BatchId },
): Promise<Decision> {
  const { scene, entry } = settling
  const { control } = archivePlace(scene.context)
  const archived = await lockArchive(there, settling)
  const decision = decide(held, archived)
  if (entry.source === 'unknown') refuseStale(archived, decision)
  for (const part of keepAll(archived, decision.stale).toReversed()) await takeBack(there, settling, part)
  const [live] = keepAll(held, decision.equal)
  if (live === undefined) await there.change(deleteJournal(control.schema, entry.id))
  else {
    const { month, state } = entry
    const copied = { month, state, keys: cellsOf(live, live.of.key), digest: live.digest }
    await there.change(adoptJournal(control.schema, entry.id, toJournalRow(scene, id, copied)))
  }
  await scene.context.reach('archive.carry-taken-back')
  return decision
}

async function takeBack(
  there: Transaction,
  { scene, entry: { month }, range }: Settling,
  part: FamilyRows,
): Promise<void> {
  const { context } = scene
  const { of: table, rows, digest } = part
  let deleted = 0
  for (const keys of slices(keysOf(part, table.key))) {
    deleted += (await there.change(deleteArchived(table, { keys, range }))).affectedRows
  }
  if (deleted !== rows.length) throw countsDisagree(part, month, { deleted })
  const { schema } = archivePlace(context).control
  const of = { schema, archive: table.archive.name, month }
  await changeOne(there, of, takeFromMonth(of, digest, context.runId))
}

/** Of the named families, tables without any rows left out. */
function keepAll(parts: readonly FamilyRows[], names: ReadonlySet<string>): readonly FamilyRows[] {
  return parts.map((part) => keepFamilies(part, names)).filter(({ rows }) => rows.length > 0)
}

/**
 * Whether the batch deleted its rows cannot be told without the source's record of its run. A row that is there again
 * may be another one under the same key, and its copy the last of the one before.
 */
function refuseStale(archived: readonly FamilyRows[], { stale }: Decision): void {
  const [live] = keepAll(archived, stale)
  const [key] = live === undefined ? [] : cellsOf(live, live.of.key)
  if (live !== undefined && key !== undefined) throw unclear(live.of, key, stale.size)
}

function unclear({ key, name, archive }: MovedTable, cells: readonly Cell[], rows: number): RowkeeperError {
  const others = rows > 1 ? ` So do ${plural(rows - 1, 'other row')}.` : ''
  return new RowkeeperError({
    code: 'archive.journalUnclear',
    message: `The row with ${describeKey(key, cells)} differs between ${name.schema}.${name.table} and ${archive.name.schema}.${archive.name.table}.${others} An interrupted batch copied it, and the record of its run is gone, so it is not known whether the one is a later state of the other. Nothing was changed.`,
    hint: `Look at both. If the live row is a later state of the archived one, delete the archived one; otherwise keep both under different keys. Then run it again.`,
    exitCode: exitCodes.failed,
  })
}
