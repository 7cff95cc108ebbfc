import { shiftInstant, toControlTime } from '../../../src/db/date-time.ts'
import { describeDigest, sameDigest } from '../../../src/engine/chunks/digest.ts'
import type { ArchiveMonth } from '../exchange/archive-month.ts'
import type { RotateStep } from '../plan-model.ts'
import { type RotationEnd, resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { findUncounted, readCounting } from '../uncounted.ts'
import { dropMonth } from './drop-held.ts'
import { type Exported, exportMonth } from './export-month.ts'
import { findRefusal } from './refusal.ts'
import {
  digestExtent,
  digestHalves,
  noteAll,
  partitionExtent,
  type Rotation,
  readRotation,
} from './rotation.ts'
import { putBack, takeOut } from './swap.ts'

/**
 * Takes a month that is older than `keep` out of the archive table, together with its children's: prove where it lies,
 * write it to a file if wished, swap its partition against an empty table, prove it again now that nobody can write to
 * it, and hold it. What cannot be proven goes back. The empty partition stays until the held table is dropped, so that
 * rows that come late find their place.
 */
export async function rotateMonth(scene: Scene, step: RotateStep): Promise<void> {
  const { context } = scene
  const name = `taking out ${step.month}`
  context.emit({ type: 'stepStarted', step: name, total: step.rows, unit: 'rows' })
  const rotation = await readRotation(scene, step.month)
  const refusal = (await beginRotation(rotation)) ?? (await takeAllOut(rotation))
  if (refusal === undefined) await hold(scene, rotation)
  else notTaken(scene, rotation, refusal)
  context.emit({
    type: 'stepFinished',
    step: name,
    done: refusal === undefined ? step.rows : 0,
    unit: 'rows',
  })
}

/** A reason not to; undefined when all is ready, now or since an earlier run. */
async function beginRotation(rotation: Rotation): Promise<string | undefined> {
  const { tables, scene } = rotation
  if (tables.every(({ ledger }) => ledger?.state === 'rotating')) return undefined
  for (const table of tables) {
    const reason = findRefusal(table) ?? (await findDifference(rotation, table))
    if (reason !== undefined) return describe(table, reason)
  }
  const uncounted = await readUncounted(rotation)
  if (uncounted !== undefined) return uncounted
  const files = new Map<ArchiveMonth, Exported>()
  for (const table of tables) {
    const file = await exportMonth(rotation, table)
    if (file !== undefined) files.set(table, file)
  }
  await scene.context.reach('archive.rotation-exported')
  await noteAll(rotation, tables, (table) => ({
    state: 'rotating',
    heldTable: table.held.table,
    ...noted(files.get(table)),
  }))
  await scene.context.reach('archive.rotation-begun')
  return undefined
}

function noted(file: Exported | undefined) {
  return file === undefined ? {} : { exportFile: file.path, exportSha256: file.sha256 }
}

/** Asked again where a month begins to leave: a rollup job may have begun to count since the plan. */
async function readUncounted({ scene, place, month }: Rotation): Promise<string | undefined> {
  const { zone, target } = scene.tables
  const counting = await place.read((session) => readCounting(session, place.control, target.name))
  return findUncounted(counting, { month, zone, archive: scene.settings.job })
}

/** The whole month is read, in its partition. */
async function findDifference(rotation: Rotation, table: ArchiveMonth): Promise<string | undefined> {
  const found = await digestExtent(rotation, table, partitionExtent(table))
  if (table.ledger !== undefined && sameDigest(found, table.ledger.digest)) return undefined
  return differs(table, describeDigest(found))
}

function differs({ ledger }: ArchiveMonth, found: string): string {
  const expected = ledger === undefined ? 'nothing' : describeDigest(ledger.digest)
  return `it holds ${found}, and should hold ${expected}; look into it with: rowkeeper archive verify`
}

/** A reason why the month is back where it was; undefined when all of it is out and proven. */
async function takeAllOut(rotation: Rotation): Promise<string | undefined> {
  for (const table of rotation.tables) {
    const reason = await takeOneOut(rotation, table)
    if (reason === undefined) continue
    for (const taken of rotation.tables) await putBack(rotation, taken)
    await noteAll(rotation, rotation.tables, () => ({ state: 'open', heldTable: null }))
    return describe(table, reason)
  }
  return undefined
}

async function takeOneOut(rotation: Rotation, table: ArchiveMonth): Promise<string | undefined> {
  if ((await takeOut(rotation, table)) === 'different') {
    const { table: name } = table.archive
    return `the server does not exchange its partition: ${name} was altered; rebuild it with: ALTER TABLE ${name} FORCE`
  }
  const found = await digestHalves(rotation, table)
  if (table.ledger !== undefined && sameDigest(found, table.ledger.digest)) return undefined
  return differs(table, describeDigest(found))
}

async function hold(scene: Scene, rotation: Rotation): Promise<void> {
  const { tables, month } = rotation
  const { context, settings } = scene
  const { hold: holdMs } = settings.options.into
  const heldUntil = toControlTime(shiftInstant(context.asOf, holdMs))
  await noteAll(rotation, tables, () => ({
    state: 'held',
    heldUntil,
    verifiedAt: toControlTime(context.asOf),
  }))
  await context.reach('archive.rotation-held')
  if (holdMs === 0) return dropMonth(scene, month)
  const until = `${heldUntil.slice(0, 'yyyy-MM-dd HH:mm'.length)} UTC`
  end(scene, rotation, {
    ending: 'held',
    text: `can be brought back at once until ${until}; then it is dropped`,
  })
}

function notTaken(scene: Scene, rotation: Rotation, text: string): void {
  end(scene, rotation, { ending: 'notTaken', text })
  scene.tally.add(resultOf({ leftOver: 1, leftReasons: [text] }))
}

function end(
  { tally }: Scene,
  { month, tables }: Rotation,
  { ending, text }: Pick<RotationEnd, 'ending' | 'text'>,
): void {
  const rows = Number(tables.at(-1)?.ledger?.digest.rows ?? 0n)
  const changed = ending === 'held' ? 1 : 0
  tally.add(resultOf({ changed, rotations: [{ month, ending, rows, text }] }))
}

function describe({ of }: ArchiveMonth, reason: string): string {
  return `${of.month} stays in ${of.archive.table}: ${reason}`
}
