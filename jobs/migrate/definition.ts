import { readTable } from '../../src/db/catalog.ts'
import type { PlanContext } from '../../src/run/context.ts'
import { type Settings, targetTable } from './tables.ts'

/** Changes when the table does: a plan saved before is then refused. */
export async function definitionOfTable(context: PlanContext, settings: Settings): Promise<string> {
  const table = await context.read((session) => readTable(session, targetTable(settings)))
  return table?.hash ?? 'none'
}
