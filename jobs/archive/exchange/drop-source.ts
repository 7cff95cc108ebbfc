import type { WriteSession } from '../../../src/db/session.ts'
import { resultOf } from '../result-model.ts'
import type { Exchange } from './exchange.ts'
import { dropPartition, lockTables, probeRows } from './sql.ts'
import { keepAutoIncrement } from './take-out.ts'

/**
 * Drops the live partition that was left empty. Rows that came late are seen under the lock: then it stays, and they are
 * moved like others. The last partition stays too, for a table cannot be without.
 */
export async function dropSource({ place, source, archive, scene }: Exchange): Promise<void> {
  const { table, partition, partitionCount } = source
  if (partition === undefined || partitionCount < 2) return
  const of = { table, partition }
  const work = async (session: WriteSession): Promise<'dropped' | 'filled'> => {
    await session.change(lockTables([table]))
    if ((await session.rows(probeRows(of))).length > 0) return 'filled'
    await keepAutoIncrement(session, table)
    await session.change(dropPartition(of))
    return 'dropped'
  }
  const label = `dropping the empty ${archive.of.month} of ${table.schema}.${table.table}`
  const ended = await place.define(label, work, { tables: [table] })
  if (ended === 'filled') return
  scene.tally.add(resultOf({ changed: 1, counts: { partitionsDropped: 1 } }))
  await scene.context.reach('archive.exchange-source-dropped')
}
