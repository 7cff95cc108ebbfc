import type { Column } from '../../../src/db/catalog.ts'
import { readPartitions } from '../../../src/db/partitions.ts'
import type { TableName } from '../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { MonthChange } from '../ledger/sql.ts'
import { writeMonth } from '../ledger/write-month.ts'
import { interpret } from '../partitions/partition-map.ts'
import { archivePlace, type Place } from '../place.ts'
import type { ExchangeStep } from '../plan-model.ts'
import type { Scene } from '../scene.ts'
import { type ArchiveMonth, readArchiveMonth } from './archive-month.ts'
import { heldTableName, lookAtHeld } from './held-table.ts'
import { toLiveMonths } from './live-partitions.ts'
import { type Extent, probeRows } from './sql.ts'
import type { Observed } from './stage.ts'

/** One month on its way from a partition of the live table to the partition of the archive table, as it stands now. */
export interface Exchange {
  readonly scene: Scene
  readonly step: ExchangeStep
  readonly place: Place
  readonly archive: ArchiveMonth
  readonly source: LivePartition
  readonly held: TableName
  /** Of the live table. */
  readonly key: readonly Column[]
  /** When the step began, by the monotonic clock, in milliseconds. */
  readonly begun: number
}

export interface LivePartition {
  readonly table: TableName
  /** Undefined when there is none of this month any more. */
  readonly partition: string | undefined
  /** How many the table has: the last one is never dropped. */
  readonly partitionCount: number
}

export async function readExchange(scene: Scene, step: ExchangeStep, begun: number): Promise<Exchange> {
  const { context, tables } = scene
  const { source, target, age, zone } = tables
  const place = archivePlace(context)
  const { name } = source.table
  const map = await place.read((session) => readPartitions(session, name))
  const table = map && interpret(map, age, zone)
  const partitions = table === undefined || 'problem' in table ? [] : table.partitions
  const partition = toLiveMonths(partitions).find(({ month }) => month === step.month)
  const pair = { live: source.table, target, age }
  return {
    scene,
    step,
    place,
    archive: await readArchiveMonth(place, pair, { month: step.month, zone }),
    source: { table: name, partition: partition?.name, partitionCount: partitions.length },
    held: heldTableName(name, step.month),
    key: source.key,
    begun,
  }
}

export async function observe({ place, archive, source, held }: Exchange): Promise<Observed> {
  const { table, partition } = source
  return place.read(async (session) => {
    const probe = async (extent: Extent) =>
      (await session.rows(probeRows(extent))).length === 0 ? 'empty' : 'filled'
    return {
      ledger: archive.ledger,
      held: await lookAtHeld(session, held),
      archive: await probe({ table: archive.archive, partition: partitionOf(archive) }),
      source: partition === undefined ? 'missing' : await probe({ table, partition }),
    }
  })
}

/** @throws RowkeeperError `archive.partitionsMissing`: the steps before this one make it */
export function partitionOf({ partition, archive, of }: ArchiveMonth): string {
  if (partition !== undefined) return partition.name
  throw new RowkeeperError({
    code: 'archive.partitionsMissing',
    message: `${archive.schema}.${archive.table} has no partition of exactly ${of.month}.`,
    hint: 'Somebody may have altered the table meanwhile. Look at what is there with: rowkeeper archive months',
    effect: 'partial',
    exitCode: exitCodes.failed,
  })
}

/** The rows of the held table. */
export function heldExtent({ held }: Pick<Exchange, 'held'>): Extent {
  return { table: held, partition: undefined }
}

/** A transaction of its own: what DDL does next must not come before it. */
export function note({ place, archive, scene }: Exchange, change: MonthChange): Promise<void> {
  const { runId } = scene.context
  return place.transact(`note ${archive.of.month}`, (transaction) =>
    writeMonth(transaction, archive.of, { change, runId }),
  )
}
