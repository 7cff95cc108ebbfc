import { addDigests, type Digest, emptyDigest } from '../../../src/engine/chunks/digest.ts'
import { type ArchiveMonth, readArchiveMonth } from '../exchange/archive-month.ts'
import { digestRows } from '../exchange/digest-rows.ts'
import { type HeldState, lookAtHeld } from '../exchange/held-table.ts'
import { type Extent, probeRows } from '../exchange/sql.ts'
import type { MonthChange } from '../ledger/sql.ts'
import { writeMonth } from '../ledger/write-month.ts'
import type { Month } from '../partitions/months.ts'
import { listPairs } from '../partitions/pairs.ts'
import { archivePlace, type Place } from '../place.ts'
import type { Scene } from '../scene.ts'

/** What commands for people can give as well as runs. */
export type RotationScene = Pick<Scene, 'context' | 'settings' | 'tables' | 'pace'>

/** One month of the archive table and of those of its children, which go and come together. */
export interface Rotation {
  readonly scene: RotationScene
  readonly place: Place
  readonly month: Month
  /** Those that the ledger says hold rows; each child before the table it belongs to. */
  readonly tables: readonly ArchiveMonth[]
}

export async function readRotation(scene: RotationScene, month: Month): Promise<Rotation> {
  const place = archivePlace(scene.context)
  const { zone } = scene.tables
  const tables: ArchiveMonth[] = []
  for (const pair of listPairs(scene.tables).toReversed()) {
    const table = await readArchiveMonth(place, pair, { month, zone })
    if (table.ledger !== undefined && (table.ledger.digest.rows > 0n || table.ledger.heldTable !== undefined))
      tables.push(table)
  }
  return { scene, place, month, tables }
}

/** Where the rows of a month lie: in its partition, in the held table, or some in each. */
export interface Halves {
  readonly held: HeldState
  readonly partition: 'missing' | 'empty' | 'filled'
}

export function readHalves({ place }: Rotation, table: ArchiveMonth): Promise<Halves> {
  return place.read(async (session) => {
    const held = await lookAtHeld(session, table.held)
    const extent = partitionExtent(table)
    if (extent === undefined) return { held, partition: 'missing' }
    const rows = await session.rows(probeRows(extent))
    return { held, partition: rows.length === 0 ? 'empty' : 'filled' }
  })
}

export function partitionExtent({ archive, partition }: ArchiveMonth): Extent | undefined {
  return partition && { table: archive, partition: partition.name }
}

export function heldExtent({ held }: ArchiveMonth): Extent {
  return { table: held, partition: undefined }
}

/** Computed anew, wherever they lie. The ledger speaks of both halves together. */
export async function digestHalves(rotation: Rotation, table: ArchiveMonth): Promise<Digest> {
  const { held } = await readHalves(rotation, table)
  const inHeld = held === 'filled' ? await digestExtent(rotation, table, heldExtent(table)) : emptyDigest
  return addDigests(inHeld, await digestExtent(rotation, table, partitionExtent(table)))
}

export function digestExtent(
  { place, scene }: Rotation,
  { key, columns }: ArchiveMonth,
  extent: Extent | undefined,
): Promise<Digest> {
  if (extent === undefined) return Promise.resolve(emptyDigest)
  if (key === undefined) throw new TypeError('rows without a key are refused before they are read')
  return digestRows({ read: place.read, stop: scene.context.stop }, { extent, key, columns })
}

/** Of all tables in one transaction: none of them is a step ahead of the others. */
export function noteAll(
  { place, scene, month }: Pick<Rotation, 'place' | 'scene' | 'month'>,
  tables: readonly ArchiveMonth[],
  changeOf: (table: ArchiveMonth) => MonthChange,
): Promise<void> {
  const { runId } = scene.context
  return place.transact(`note ${month}`, async (transaction) => {
    for (const table of tables) await writeMonth(transaction, table.of, { change: changeOf(table), runId })
  })
}
