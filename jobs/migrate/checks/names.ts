import { readTableKind } from '../../../src/db/table-kind.ts'
import type { PlanContext } from '../../../src/run/context.ts'
import type { Finding } from '../../../src/run/events.ts'
import { LONGEST_TABLE_NAME } from '../names.ts'
import { type Settings, targetTable } from '../tables.ts'
import { refusal } from './look.ts'

/** The name is of an ordinary table, and short enough for what is made beside it. */
export async function checkNames(context: PlanContext, settings: Settings): Promise<readonly Finding[]> {
  const name = targetTable(settings)
  const where = `${name.schema}.${name.table}`
  const correct = `Correct jobs.${settings.job}.table in the configuration, then run: rowkeeper config check`
  const kind = await context.read((session) => readTableKind(session, name))
  if (kind === undefined) return [refusal('noTable', `There is no table ${where}.`, correct)]
  if (kind !== 'table')
    return [refusal('notATable', `${where} is a ${kind}, not an ordinary table.`, correct)]
  if ([...name.table].length <= LONGEST_TABLE_NAME) return []
  return [
    refusal(
      'longName',
      `The name of ${where} has ${[...name.table].length} characters. What is made beside it has eight more, and names end at 64; shortened, it would not sort behind the table, and a write could be lost in the swap.`,
      `Give the table a name of at most ${LONGEST_TABLE_NAME} characters.`,
    ),
  ]
}
