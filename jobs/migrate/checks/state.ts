import { selectTables } from '../cutover/sql.ts'
import { artefactsOf } from '../names.ts'
import { listArtefacts } from '../shadow/list-artefacts.ts'
import { changeOf } from '../tables.ts'
import { type Look, refusal } from './look.ts'

/** One migration of a table at a time: another change waits until the one before is finished or given up. */
export const checkUnderWay: Look = async ({ settings, table: { name }, migration }) => {
  if (migration === undefined || migration.definition.change === changeOf(settings)) return []
  const isOver = migration.phase === 'done'
  const evidence = isOver
    ? `${name.schema}.${name.table} was migrated before, and its retired table is still kept: ${migration.definition.change}`
    : `Another migration of ${name.schema}.${name.table} is under way (${migration.phase}): ${migration.definition.change}`
  const verb = isOver ? 'finish' : 'cancel'
  return [refusal('underWay', evidence, `End that one first: rowkeeper migrate ${verb} ${settings.job}`)]
}

/** Names that are needed and taken, though no migration is written down that would have made them. */
export const checkLeftovers: Look = async ({ context, settings, table: { name }, migration }) => {
  if (migration !== undefined) return []
  const { retired } = artefactsOf(name)
  const kept = await context.read((session) => session.rows(selectTables([retired])))
  const found = await listArtefacts(context, name)
  return [
    ...(found.length === 0
      ? []
      : [
          refusal(
            'leftovers',
            `${found.join(', ')} ${found.length === 1 ? 'is' : 'are'} there, of a migration of ${name.schema}.${name.table} that is not written down any more.`,
            `When nobody needs them: rowkeeper migrate cleanup ${settings.job}`,
          ),
        ]),
    ...(kept.length === 0
      ? []
      : [
          refusal(
            'retiredKept',
            `${retired.schema}.${retired.table} is there, the name that ${name.table} would get when it is swapped.`,
            `When nobody needs it: DROP TABLE \`${retired.table}\``,
          ),
        ]),
  ]
}
