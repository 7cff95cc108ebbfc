import { readTable, type TableDefinition } from '../../../src/db/catalog.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { ExecuteContext, PlanContext } from '../../../src/run/context.ts'
import type { Tally, VerbResult } from '../../../src/run/job.ts'
import { selectTables } from '../cutover/sql.ts'
import { carryOn } from '../execute.ts'
import { artefactsOf } from '../names.ts'
import { openScene, requireTable } from '../open-scene.ts'
import { reportRun } from '../report.ts'
import { addResults, emptyResult, type MigrateResult } from '../result-model.ts'
import type { Migration, MigrationDefinition } from '../state/model.ts'
import { readMigration, turnBack } from '../state/state.ts'
import { type Settings, targetTable } from '../tables.ts'
import { requireMigration, requireSwapped } from './require-migration.ts'

/** The same swap backwards, after every change since has been carried over to the retired table and was checked. */
export async function revertMigration(context: ExecuteContext, settings: Settings): Promise<VerbResult> {
  const name = targetTable(settings)
  const migration = await requireMigration(context, settings)
  if (migration.definition.way === 'there') {
    requireSwapped(migration, settings)
    await turnBack(context, name, await defineWayBack(context, settings, migration))
  }
  const turned = (await readMigration(context, name)) ?? migration
  const tally = createTally()
  const scene = await openScene(context, settings, tally, { name, migration: turned })
  await carryOn(scene, turned)
  const { report, detail } = reportRun(settings, tally.soFar)
  const { counts, changed } = tally.soFar
  return {
    ...{ counts, changed, leftOver: 0, detail },
    report: { ...report, headline: `${name.schema}.${name.table} is what it was, with every write since.` },
    next: [`rowkeeper migrate finish ${settings.job}`],
  }
}

export async function previewRevert(context: PlanContext, settings: Settings): Promise<VerbResult> {
  const migration = await requireMigration(context, settings)
  if (migration.definition.way === 'there') {
    requireSwapped(migration, settings)
    await defineWayBack(context, settings, migration)
  }
  const { schema, table } = targetTable(settings)
  return {
    ...{ counts: {}, changed: 0, leftOver: 0, detail: { phase: migration.phase } },
    report: {
      headline: `${schema}.${table} would be swapped for the retired table, with every write since carried over and checked.`,
      sections: [],
    },
    next: [`rowkeeper migrate revert ${settings.job}`],
  }
}

async function defineWayBack(
  context: PlanContext,
  settings: Settings,
  { definition }: Migration,
): Promise<MigrationDefinition> {
  const name = targetTable(settings)
  const { retired, reverseChangelog } = artefactsOf(name)
  const target = await context.read((session) => readTable(session, retired))
  const [noted] = await context.read((session) => session.rows(selectTables([reverseChangelog])))
  if (target === undefined || noted === undefined) throw noWayBack(settings)
  const current: TableDefinition = await requireTable(context, name)
  return {
    ...definition,
    way: 'back',
    renames: definition.renames.map(({ from, to }) => ({ from: to, to: from })),
    sourceHash: current.hash,
    target,
    blueprint: { create: '', indexClauses: [] },
  }
}

function createTally(): Tally<MigrateResult> {
  let soFar = emptyResult
  return {
    get soFar() {
      return soFar
    },
    add(part) {
      soFar = addResults(soFar, part)
    },
  }
}

function noWayBack({ schema, options }: Settings): RowkeeperError {
  return new RowkeeperError({
    code: 'migrate.noWayBack',
    message: `There is no way back for ${schema}.${options.table}: the retired table or its changelog is not there.`,
    hint: 'It was migrated with keepOld: false, or somebody dropped them. Change it back with a migration of its own.',
    exitCode: exitCodes.refused,
  })
}
