import { DatabaseError } from '../../../../src/db/errors.ts'
import type { ReadSession } from '../../../../src/db/session.ts'
import { addDigests, emptyDigest } from '../../../../src/engine/chunks/digest.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import { digestRows, pagingKey } from '../../exchange/digest-rows.ts'
import type { Extent } from '../../exchange/sql.ts'
import { definitionOf, type LedgerMonth, readMonths } from '../../ledger/months.ts'
import type { Month } from '../../partitions/months.ts'
import type { ArchivePair } from '../../partitions/pairs.ts'
import { planPlace } from '../../place.ts'
import { copiedColumns } from '../../tables.ts'
import { monthPartitions } from '../month-partitions.ts'
import type { ReadMonth } from './judge-month.ts'

export interface MonthToRead {
  readonly pair: ArchivePair
  readonly month: Month
  readonly zone: string
}

/** The table was altered, or the partition went, after the snapshot had begun. */
const changedErrors: readonly (number | undefined)[] = [1412, 1735]

/** Every row of a month and its row of the ledger, at one instant. `changing`: the table was altered meanwhile. */
export function readMonth(context: PlanContext, asked: MonthToRead): Promise<ReadMonth | 'changing'> {
  const { read } = planPlace(context)
  return read((session) =>
    session
      .snapshot((snapshot) => readInSnapshot(context, asked, snapshot))
      .catch((error) => {
        if (error instanceof DatabaseError && changedErrors.includes(error.number)) return 'changing' as const
        throw error
      }),
  )
}

async function readInSnapshot(
  context: PlanContext,
  asked: MonthToRead,
  snapshot: ReadSession,
): Promise<ReadMonth> {
  const { live, target } = asked.pair
  const { control } = planPlace(context)
  const ledger = (await readMonths(snapshot, control, target.name)).get(asked.month)
  const columns = copiedColumns(live)
  const key = (target.table && pagingKey(target.table)) ?? []
  let digest = emptyDigest
  for (const extent of extentsOf(asked, ledger)) {
    const of = { read: <T>(work: (session: ReadSession) => Promise<T>) => work(snapshot), stop: context.stop }
    digest = addDigests(digest, await digestRows(of, { extent, key, columns }))
  }
  return { ledger, digest, definition: definitionOf(columns) }
}

/**
 * Where the rows of the month are: in its partition, all of it, for what does not belong there must show, and while the
 * month is held in the held table. Rows that come late lie in the partition all the same.
 */
function extentsOf({ pair, zone, month }: MonthToRead, ledger: LedgerMonth | undefined): readonly Extent[] {
  const { name } = pair.target
  const partitions = monthPartitions(pair, zone).filter((partition) => partition.month === month)
  const extents = partitions.map((partition) => ({ table: name, partition: partition.name }))
  if (ledger?.state !== 'held' || ledger.heldTable === undefined) return extents
  return [...extents, { table: { schema: name.schema, table: ledger.heldTable }, partition: undefined }]
}
