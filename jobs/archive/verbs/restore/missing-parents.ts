import { type ForeignKey, readForeignKeys } from '../../../../src/db/foreign-keys.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import type { RestoredTable } from './restored-table.ts'
import { selectMissingParents } from './sql.ts'

/** Rows that the archived ones refer to and that are not there any more. */
export interface MissingParents {
  readonly table: string
  readonly foreignKey: string
  readonly referenced: string
  /** The first few, in words. */
  readonly samples: readonly string[]
}

/**
 * Asked for tables that do not come back themselves. Only on one server; from another one the live table itself refuses
 * the batch, with the same words of its own.
 */
export async function findMissingParents(
  context: PlanContext,
  tables: readonly RestoredTable[],
): Promise<readonly MissingParents[]> {
  if (context.destination !== undefined) return []
  const missing: MissingParents[] = []
  for (const table of tables) {
    const { outgoing } = await context.read((session) => readForeignKeys(session, table.name))
    for (const foreignKey of outgoing.filter((candidate) => !isOneOf(tables, candidate)))
      missing.push(...(await askFor(context, table, foreignKey)))
  }
  return missing
}

function isOneOf(tables: readonly RestoredTable[], { referenced }: ForeignKey): boolean {
  return tables.some(({ name }) => name.schema === referenced.schema && name.table === referenced.table)
}

async function askFor(
  context: PlanContext,
  table: RestoredTable,
  foreignKey: ForeignKey,
): Promise<readonly MissingParents[]> {
  const rows = await context.read((session) => session.rows(selectMissingParents(table, foreignKey)))
  if (rows.length === 0) return []
  const samples = rows.map((row) =>
    foreignKey.referencedColumns.map((name, index) => `${name} = ${String(row[`r${index}`])}`).join(', '),
  )
  const { name, referenced } = foreignKey
  return [{ table: table.name.table, foreignKey: name, referenced: referenced.table, samples }]
}
