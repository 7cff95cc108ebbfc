import { createHash } from 'node:crypto'
import type { PlanContext } from '../../src/run/context.ts'
import { readTables } from './resolve/tables.ts'
import type { Settings } from './tables.ts'

/** Changes when any of the tables does: a plan saved before is then refused. */
export async function definitionOfTables(context: PlanContext, settings: Settings): Promise<string> {
  const { source, counters, total, seen } = await readTables(context, settings)
  const parts = [source?.table.hash, counters.table?.hash, total?.table.hash, seen?.table?.hash]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
