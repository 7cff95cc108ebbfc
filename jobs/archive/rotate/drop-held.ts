import type { WriteSession } from '../../../src/db/session.ts'
import { emptyDigest, sameDigest, subtractDigests } from '../../../src/engine/chunks/digest.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { DefinitionUnknownError } from '../../../src/run/ddl-errors.ts'
import { type ArchiveMonth, readMonthPartitions } from '../exchange/archive-month.ts'
import { lookAtHeld } from '../exchange/held-table.ts'
import { dropPartition, dropTable, lockTables, type PartitionOf, probeRows } from '../exchange/sql.ts'
import { readMonths } from '../ledger/months.ts'
import type { MonthChange } from '../ledger/sql.ts'
import type { Month } from '../partitions/months.ts'
import type { Place } from '../place.ts'
import type { DropStep } from '../plan-model.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import {
  digestExtent,
  heldExtent,
  noteAll,
  partitionExtent,
  type Rotation,
  readHalves,
  readRotation,
} from './rotation.ts'

/**
 * Drops a month whose time of holding is over: the held table, then the partition it left empty. The ledger says so
 * before either is touched, so that a run that dies between them is gone on with, never begun again.
 */
export async function dropHeld(scene: Scene, step: DropStep): Promise<void> {
  const name = `dropping ${step.month}`
  scene.context.emit({ type: 'stepStarted', step: name, total: step.rows, unit: 'rows' })
  await dropMonth(scene, step.month)
  scene.context.emit({ type: 'stepFinished', step: name, done: step.rows, unit: 'rows' })
}

export async function dropMonth(scene: Scene, month: Month): Promise<void> {
  const rotation = await readRotation(scene, month)
  const dropped: ArchiveMonth[] = []
  for (const table of rotation.tables) {
    if (!mayGo(table, scene.context.asOf)) continue
    await letGo(rotation, table)
    await scene.context.reach('archive.drop-noted')
    await dropTableOf(rotation, table)
    await scene.context.reach('archive.held-dropped')
    const partitionsDropped = await dropEmptyPartitions(rotation, table)
    scene.tally.add(resultOf({ counts: { partitionsDropped } }))
    await noteAll(rotation, [table], () => ({ heldTable: null }))
    dropped.push(table)
  }
  const own = dropped.at(-1)
  if (own === undefined) return
  const rows = Number(own.ledger?.digest.rows ?? 0n)
  const file = own.ledger?.exportFile
  const text = file === undefined ? 'dropped for good' : `dropped; its rows are in ${file}`
  scene.tally.add(resultOf({ changed: 1, rotations: [{ month, ending: 'dropped', rows, text }] }))
}

/** Held until now and not claimed by anybody, or let go of by a run that did not come to the end. */
export function mayGo({ ledger, held }: Pick<ArchiveMonth, 'ledger' | 'held'>, asOf: string): boolean {
  if (ledger?.heldTable !== held.table) return false
  switch (ledger.state) {
    case 'held':
      return ledger.pinnedAt === undefined && ledger.heldUntil !== undefined && ledger.heldUntil <= asOf
    case 'dropped':
    case 'open':
    case 'unproven':
      return true
    default:
      return false
  }
}

/** From here on the ledger speaks of the rows that came late, if any: the month goes on with them. */
async function letGo(rotation: Rotation, table: ArchiveMonth): Promise<void> {
  if (table.ledger?.state !== 'held') return
  const change = await findRest(rotation, table)
  await noteAll(rotation, [table], () => ({ ...change, heldUntil: null, verifiedAt: null }))
}

async function findRest(rotation: Rotation, table: ArchiveMonth): Promise<MonthChange> {
  const { held, partition } = await readHalves(rotation, table)
  if (partition !== 'filled') return { state: 'dropped', digest: emptyDigest }
  const taken = held === 'filled' ? await digestExtent(rotation, table, heldExtent(table)) : emptyDigest
  const rest = subtractDigests(table.ledger?.digest ?? emptyDigest, taken)
  const found = await digestExtent(rotation, table, partitionExtent(table))
  return sameDigest(rest, found)
    ? { state: 'open', digest: rest }
    : { state: 'unproven', digest: emptyDigest }
}

/** More than a drop takes, with a connection lost here and there. */
const TURNS = 4

/** What became of a DROP whose connection was lost is seen at the next look. */
async function dropTableOf({ place }: Rotation, { held, of }: ArchiveMonth): Promise<void> {
  for (let turn = 1; turn <= TURNS; turn++) {
    if ((await place.read((session) => lookAtHeld(session, held))) === 'missing') return
    const label = `dropping ${held.schema}.${held.table}`
    await settle(place.define(label, (session) => session.change(dropTable(held))))
  }
  throw notDropped(`${held.schema}.${held.table}`, of.month)
}

/**
 * Partitions go from below. One dropped in the middle, above a month that was restored or came back with late rows, would
 * leave the next one with two months, and no command proves or takes out such a month. So an empty one waits until it is
 * the lowest; then those that waited above it go with it. Late rows keep their partition, and the last one stays in any
 * case, for a table cannot be without.
 */
async function dropEmptyPartitions(rotation: Rotation, table: ArchiveMonth): Promise<number> {
  const { place, scene, month } = rotation
  const { archive } = table
  let dropped = 0
  for (let unknown = 0; unknown < TURNS; ) {
    const lowest = await findLeftEmpty(rotation, table)
    if (lowest === undefined) return dropped
    const ended = await dropUnderLock(place, { table: archive, partition: lowest }, month)
    if (ended === 'filled') return dropped
    if (ended === 'unknown') {
      unknown += 1
      continue
    }
    dropped += 1
    await scene.context.reach('archive.partition-dropped')
  }
  throw notDropped(`a partition in ${archive.schema}.${archive.table}`, month)
}

/** The name of the lowest partition when its month was dropped, or lies before this one and never held a row. */
async function findLeftEmpty(
  { place, scene, month }: Rotation,
  { pair, archive }: ArchiveMonth,
): Promise<string | undefined> {
  const { partitions, months } = await place.read(async (session) => ({
    partitions: await readMonthPartitions(session, pair, scene.tables.zone),
    months: await readMonths(session, place.control, archive),
  }))
  const [lowest, next] = partitions
  if (next === undefined || lowest?.month === undefined) return undefined
  const known = months.get(lowest.month)
  const isLeft = known === undefined ? lowest.month < month : known.state === 'dropped'
  return isLeft ? lowest.name : undefined
}

async function dropUnderLock(
  place: Place,
  of: PartitionOf,
  month: Month,
): Promise<'dropped' | 'filled' | 'unknown'> {
  const { table } = of
  const work = async (session: WriteSession): Promise<'dropped' | 'filled'> => {
    await session.change(lockTables([table]))
    if ((await session.rows(probeRows(of))).length > 0) return 'filled'
    await session.change(dropPartition(of))
    return 'dropped'
  }
  const label = `dropping the empty ${month} of ${table.schema}.${table.table}`
  return (await settle(place.define(label, work, { tables: [table] }))) ?? 'unknown'
}

async function settle<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof DefinitionUnknownError) return undefined
    throw error
  }
}

function notDropped(what: string, month: Month): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.notDropped',
    message: `${month}: the connection was lost each time that ${what} was to be dropped; it is still there.`,
    hint: 'Look into the log of the server, then run the job again; it goes on from there.',
    retryable: true,
    effect: 'partial',
    exitCode: exitCodes.unavailable,
  })
}
