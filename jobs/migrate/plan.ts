import { readTable, type TableDefinition } from '../../src/db/catalog.ts'
import { findLockHolders } from '../../src/db/lock-holders.ts'
import { readSpace, type Space } from '../../src/db/space.ts'
import type { TableName } from '../../src/db/statement.ts'
import type { PlanContext } from '../../src/run/context.ts'
import { describeHolders } from '../../src/run/ddl-errors.ts'
import type { Page } from '../../src/run/job.ts'
import { assumeTarget } from './definition/assume.ts'
import { type Change, readChange } from './definition/change.ts'
import { toTimeEstimate } from './estimate/model.ts'
import { forecastTypical } from './estimate/typical.ts'
import { guessRung } from './ladder/guess.ts'
import { emptyPlan, type MigratePlan } from './plan-model.ts'
import type { Migration } from './state/model.ts'
import { readMigration } from './state/state.ts'
import { changeOf, type Settings, targetTable } from './tables.ts'

/** A plan writes nothing: what only the server could say, it has to assume, and says so. */
export async function planMigrate(context: PlanContext, settings: Settings): Promise<Page<MigratePlan>> {
  const name = targetTable(settings)
  const migration = await readMigration(context, name)
  const source = await context.read((session) => readTable(session, name))
  const space = await context.read((session) => readSpace(session, name))
  const change = readChange(settings)
  if (source === undefined || 'problem' in change) throw new TypeError('preflight lets no such plan pass')
  const facts = { ...emptyPlan, asOf: context.asOf, change: changeOf(settings), ...sizeOf(space) }
  const plan =
    migration === undefined
      ? await planFirst(context, settings, { facts, source, space, change })
      : planFurther(facts, migration)
  return { plan, next: undefined }
}

function sizeOf({ estimatedRows, dataBytes, indexBytes }: Space) {
  return { rows: estimatedRows, bytes: dataBytes, indexBytes }
}

interface Known {
  readonly facts: MigratePlan
  readonly source: TableDefinition
  readonly space: Space
  readonly change: Change
}

async function planFirst(
  context: PlanContext,
  settings: Settings,
  { facts, source, space, change }: Known,
): Promise<MigratePlan> {
  const { strategy, why } = guessRung(settings.options.strategy, change)
  const indexes = source.indexes.filter(({ name }) => name !== 'PRIMARY').length
  const { binaryLog } = context.server
  const forecast = forecastTypical({ ...space, binaryLog, indexes })
  return {
    ...facts,
    ...{ strategy, why },
    steps: [strategy === 'copy' ? { type: 'copyAndSwap' } : { type: 'alter', algorithm: strategy }],
    estimate: strategy === 'copy' ? toTimeEstimate(forecast) : undefined,
    assumptions: change.type === 'alter' ? assumeTarget(source, change.alter).assumptions : [],
    notes: await readBlockers(context, source.name),
  }
}

function planFurther(facts: MigratePlan, { phase, definition }: Migration): MigratePlan {
  const isOver = phase === 'done'
  return {
    ...facts,
    strategy: isOver ? 'none' : 'copy',
    why: isOver ? 'the table was swapped already' : `a run goes on with it: ${phase}`,
    steps: isOver ? [] : [{ type: 'goOn', phase }],
    estimate: isOver ? undefined : toTimeEstimate(definition.forecast),
  }
}

/** Who would keep the swap waiting if it came now. */
async function readBlockers({ read }: PlanContext, name: TableName): Promise<readonly string[]> {
  const found = await read((session) => findLockHolders(session, [name]))
  return found.holders.length === 0
    ? []
    : [`If the tables were to be swapped now: ${describeHolders(found)}.`]
}
