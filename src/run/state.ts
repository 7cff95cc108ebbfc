import type { Writer } from '../db/database.ts'
import { translateDriverError } from '../db/errors.ts'
import { type ControlMigration, migrateDown, migrateUp } from '../db/migrate.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { formatCount, plural } from '../lib/units.ts'
import { type ControlStatus, isAbsent, readControlStatus } from './control.ts'
import {
  type ControlReading,
  type NamedDatabase,
  withControlReader,
  withControlWriter,
} from './control-writer.ts'
import type { Surroundings } from './launch.ts'
import { type ControlTable, countControlRows, selectLiveRuns } from './sql.ts'
import { describeState, type StateEnded, type StateResult } from './state-result.ts'

export interface StateOptions {
  readonly database: NamedDatabase
  readonly surroundings: Pick<Surroundings, 'clock' | 'control'>
  readonly migrations: readonly ControlMigration[]
}

export async function stateStatus({ database, surroundings, migrations }: StateOptions): Promise<StateEnded> {
  return withControlReader(database, surroundings, async (reading) => {
    const result = await readState(reading, database.name, migrations)
    return { result, report: describeState(result) }
  })
}

/** Makes the tables, or brings them up to this version. Safe to repeat; goes on where a killed one stopped. */
export async function installState({
  database,
  surroundings,
  migrations,
}: StateOptions): Promise<StateEnded> {
  return withControlWriter(database, surroundings, async (writing) => {
    const before = await readState(writing, database.name, migrations)
    if (before.status === 'newer') throw madeByNewerVersion(before)
    const changed = await migrate(() => migrateUp(writing.writer.knex, migrations), writing.schema)
    const result = { ...(await readState(writing, database.name, migrations)), changed }
    if (result.status !== 'installed') throw damaged(result)
    return { result, report: describeState(result) }
  })
}

/**
 * Drops the tables with everything in them: runs, checkpoints, cancels whose outcome is not yet known, the audit of
 * every changed row. Throws `state.notConfirmed` unless `confirm` is the schema's name, `state.inUse` while a run lives.
 */
export async function uninstallState(
  options: StateOptions & { readonly confirm: string | undefined },
): Promise<StateEnded> {
  const { database, surroundings, migrations, confirm } = options
  return withControlWriter(database, surroundings, async (writing) => {
    const before = await readState(writing, database.name, migrations)
    if (before.status === 'newer') throw madeByNewerVersion(before)
    await refuseWhileInUse(writing, before)
    if (confirm !== before.schema) throw notConfirmed(before, await describeLoss(writing, before))
    const reverted = await migrate(() => takeBack(writing.writer.knex, migrations), writing.schema)
    const result = { ...(await readState(writing, database.name, migrations)), changed: reverted }
    return { result, report: describeState(result) }
  })
}

/** What is there, compared with the migrations of this version. */
export async function readState(
  { read, schema }: ControlReading,
  database: string,
  migrations: readonly ControlMigration[],
): Promise<StateResult> {
  const status = await read((session) => readControlStatus(session, schema))
  const { appliedMigrations: applied, missingTables } = status
  const known = migrations.map(({ name }) => name)
  return {
    schemaVersion: 1,
    database,
    schema,
    status: judge(status, known),
    missingTables,
    applied,
    pending: known.filter((name) => !applied.includes(name)),
    changed: [],
  }
}

function judge(
  { appliedMigrations: applied, missingTables }: ControlStatus,
  known: readonly string[],
): StateResult['status'] {
  if (isAbsent({ missingTables })) return 'missing'
  if (applied.some((name) => !known.includes(name))) return 'newer'
  if (applied.length === 0) return 'incomplete'
  if (!known.every((name) => applied.includes(name))) return 'outdated'
  return missingTables.length > 0 ? 'incomplete' : 'installed'
}

/** A migration killed midway is not in knex's books, yet left tables: so every one is taken back by itself too. */
async function takeBack(
  knex: Writer['knex'],
  migrations: readonly ControlMigration[],
): Promise<readonly string[]> {
  const reverted = await migrateDown(knex, migrations)
  for (const migration of migrations.toReversed()) await migration.down(knex)
  return reverted
}

async function migrate<T>(work: () => Promise<T>, schema: string): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && error.name === 'MigrationLocked') throw migrationLocked(schema, error)
    throw translateDriverError(error, `changing rowkeeper's tables in ${schema}`)
  }
}

async function refuseWhileInUse(
  { read, schema }: ControlReading,
  { missingTables }: StateResult,
): Promise<void> {
  if (['rowkeeper_run', 'rowkeeper_lease'].some((name) => missingTables.includes(name))) return
  const live = await read((session) => session.rows(selectLiveRuns(schema)))
  const [first] = live
  if (first === undefined) return
  throw new RowkeeperError({
    code: 'state.inUse',
    message: `${plural(live.length, 'run')} still at work with the tables in ${schema}: ${live.map((row) => row.run_id).join(', ')}.`,
    hint: `rowkeeper runs stop ${first.run_id}`,
    retryable: true,
    exitCode: exitCodes.tryLater,
  })
}

/** Nothing else knows what these hold. */
const missed: readonly ControlTable[] = ['run', 'operation', 'item', 'fix', 'month']

async function describeLoss(
  reading: ControlReading,
  { schema, status, missingTables }: StateResult,
): Promise<string> {
  if (status !== 'installed' && status !== 'outdated') return 'whatever is left of them'
  const tables = missed.filter((name) => !missingTables.includes(`rowkeeper_${name}`))
  const [row = {}] = await reading.read((session) => session.rows(countControlRows(schema, tables)))
  const counts = tables.map((name) => `${formatCount(Number(row[name]))} in rowkeeper_${name}`)
  return counts.join(', ')
}

function madeByNewerVersion({ schema, pending, applied }: StateResult): RowkeeperError {
  return new RowkeeperError({
    code: 'state.newer',
    message: `The tables in ${schema} were made by a newer rowkeeper (${applied.at(-1)}${pending.length > 0 ? `, without ${pending.join(', ')}` : ''}); this version does not touch them.`,
    hint: 'Use the newer rowkeeper on every host, then run: rowkeeper state status',
    exitCode: exitCodes.refused,
  })
}

function damaged({ schema, missingTables }: StateResult): RowkeeperError {
  return new RowkeeperError({
    code: 'state.damaged',
    message: `${missingTables.join(', ')} in ${schema} had been installed and then removed by somebody.`,
    hint: `Restore from a backup, or begin anew: rowkeeper state uninstall --confirm ${schema}`,
    exitCode: exitCodes.refused,
  })
}

function notConfirmed({ schema }: StateResult, loss: string): RowkeeperError {
  return new RowkeeperError({
    code: 'state.notConfirmed',
    message: `Nothing was dropped. Uninstalling forgets every run, checkpoint, unsettled cancel and audit row in ${schema}: ${loss}.`,
    hint: `rowkeeper state uninstall --confirm ${schema}`,
    exitCode: exitCodes.refused,
  })
}

function migrationLocked(schema: string, cause: Error): RowkeeperError {
  return new RowkeeperError({
    code: 'state.locked',
    message: `Another process is changing rowkeeper's tables in ${schema}, or one was killed while it did.`,
    hint: `If none is at work any more: UPDATE \`${schema}\`.rowkeeper_migration_lock SET is_locked = 0`,
    retryable: true,
    exitCode: exitCodes.tryLater,
    cause,
  })
}
