import type { Row } from '../../../src/db/connection.ts'
import type { TableName } from '../../../src/db/statement.ts'
import type { ExecuteContext, PlanContext } from '../../../src/run/context.ts'
import {
  type Migration,
  type MigrationDefinition,
  type MigrationProgress,
  type MigrationRequest,
  noProgress,
  type Phase,
} from './model.ts'
import {
  deleteMigration,
  insertMigration,
  selectMigration,
  updateDefinition,
  updateProgress,
  updateRequest,
} from './sql.ts'

/** Undefined when no migration of the table is under way or waits to be finished, and without control tables. */
export async function readMigration(
  { read, control }: Pick<PlanContext, 'read' | 'control'>,
  name: TableName,
): Promise<Migration | undefined> {
  if (!control.isInstalled) return undefined
  const [row] = await read((session) => session.rows(selectMigration(control.schema, name)))
  return row === undefined ? undefined : toMigration(row)
}

/** What this program wrote itself, under its own schema: read back as it was. */
function toMigration(row: Row): Migration {
  const time = (cell: unknown) => `${String(cell).replace(' ', 'T')}Z`
  return {
    job: String(row.job),
    runId: String(row.run_id),
    phase: String(row.phase) as Phase,
    definition: JSON.parse(String(row.definition)) as MigrationDefinition,
    progress: JSON.parse(String(row.progress)) as MigrationProgress,
    request: row.request === null ? undefined : (String(row.request) as MigrationRequest),
    startedAt: time(row.started_at),
    updatedAt: time(row.updated_at),
  }
}

export async function beginMigration(
  { job, runId, control, transact }: ExecuteContext,
  name: TableName,
  definition: MigrationDefinition,
  progress: MigrationProgress,
): Promise<void> {
  await transact('begin migration', (transaction) =>
    transaction.change(
      insertMigration(control.schema, {
        ...{ name, job, runId, phase: 'preparing' },
        definition: JSON.stringify(definition),
        progress: JSON.stringify(progress),
      }),
    ),
  )
}

export async function saveProgress(
  { control, transact }: ExecuteContext,
  name: TableName,
  phase: Phase,
  progress: MigrationProgress,
): Promise<void> {
  await transact('save progress', (transaction) =>
    transaction.change(updateProgress(control.schema, name, { phase, progress: JSON.stringify(progress) })),
  )
}

export async function saveRequest(
  { control, transact }: ExecuteContext,
  name: TableName,
  request: MigrationRequest | undefined,
): Promise<void> {
  await transact('save request', (transaction) =>
    transaction.change(updateRequest(control.schema, name, request ?? null)),
  )
}

export async function forgetMigration({ control, transact }: ExecuteContext, name: TableName): Promise<void> {
  await transact('forget migration', (transaction) =>
    transaction.change(deleteMigration(control.schema, name)),
  )
}

/** What was swapped begins to be taken back. */
export async function turnBack(
  { control, transact }: ExecuteContext,
  name: TableName,
  definition: MigrationDefinition,
): Promise<void> {
  await transact('turn back', async (transaction) => {
    await transaction.change(updateDefinition(control.schema, name, JSON.stringify(definition)))
    const progress = JSON.stringify(noProgress)
    await transaction.change(updateProgress(control.schema, name, { phase: 'catchingUp', progress }))
    await transaction.change(updateRequest(control.schema, name, null))
  })
}
