import type { ControlMigration } from '../../db/migrate.ts'
import { describeGrant, findMissingPrivileges, type Privilege } from '../../db/privileges.ts'
import type { ReadSession } from '../../db/session.ts'
import { type Statement, sql, statement } from '../../db/statement.ts'
import { formatDuration } from '../../lib/units.ts'
import { measureClockOffset } from '../clock-offset.ts'
import { type ControlReading, type NamedDatabase, withControlReader } from '../control-writer.ts'
import type { Finding } from '../events.ts'
import type { Surroundings } from '../launch.ts'
import { controlTableNames, selectRuns } from '../sql.ts'
import { readState } from '../state.ts'
import type { StateResult } from '../state-result.ts'

/** More than a slot's due time or a grace time should be off by. */
const CLOCK_LIMIT_MS = 2000
const RUNS_LOOKED_AT = 100

export interface ExpectedState {
  readonly migrations: readonly ControlMigration[]
  /** What makes the control tables, or brings them up to date. */
  readonly installCommand: string
}

/** Everything about one database that no single job owns. Throws what keeps it from being reached. */
export async function examineDatabase(
  database: NamedDatabase,
  surroundings: Pick<Surroundings, 'clock' | 'control'>,
  { migrations, installCommand }: ExpectedState,
): Promise<readonly Finding[]> {
  return withControlReader(database, surroundings, async (reading) => {
    const state = await readState(reading, database.name, migrations)
    const findings = await reading.read(async (session) => [
      describeServer(reading, database.name),
      describeReadOnly(reading, database.name),
      await examineSqlMode(session, database.name),
      await examineClock(session, surroundings, database.name),
    ])
    return [...findings, judgeState(state, installCommand), ...(await examineControlTables(reading, state))]
  })
}

function describeServer({ database: { server } }: ControlReading, name: string): Finding {
  const family = server.family === 'mariadb' ? 'MariaDB' : 'MySQL'
  const evidence = `${name}: ${family} ${server.version}, server ${server.id}, binary log ${server.binaryLog ? 'on' : 'off'}.`
  return { id: 'database.server', severity: 'ok', evidence }
}

function describeReadOnly({ database: { server } }: ControlReading, name: string): Finding {
  if (!server.readOnly)
    return { id: 'database.readOnly', severity: 'ok', evidence: `${name}: takes writes (read_only is off).` }
  return {
    id: 'database.readOnly',
    severity: 'error',
    evidence: `${name}: read_only is on. It is a replica, or a primary that was demoted; jobs cannot write there.`,
    fix: `Point databases.${name}.url at the primary, then run: rowkeeper doctor`,
  }
}

/** Information only: each of our sessions sets its own mode. The application's sessions are told here. */
async function examineSqlMode(session: ReadSession, name: string): Promise<Finding> {
  const [row] = await session.rows(selectSqlMode())
  const modes = String(row?.sql_mode).split(',')
  const odd = modes.filter((mode) => mode === 'ANSI_QUOTES' || mode === 'NO_BACKSLASH_ESCAPES')
  const isStrict = modes.some((mode) => mode.startsWith('STRICT_'))
  const remarks = [
    ...(odd.length === 0 ? [] : [`${odd.join(' and ')} would change how SQL is read`]),
    ...(isStrict ? [] : ['not strict: the application may have stored cut-off values']),
  ]
  const remark = remarks.length === 0 ? '' : ` (${remarks.join('; ')})`
  return {
    id: 'database.sqlMode',
    severity: 'ok',
    evidence: `${name}: the server's sql_mode is ${modes.join(',') || 'empty'}${remark}; rowkeeper's sessions set their own.`,
  }
}

async function examineClock(
  session: ReadSession,
  { clock }: Pick<Surroundings, 'clock'>,
  name: string,
): Promise<Finding> {
  const offset = await measureClockOffset(session, clock)
  const apart = formatDuration(Math.abs(offset))
  if (Math.abs(offset) <= CLOCK_LIMIT_MS)
    return { id: 'database.clock', severity: 'ok', evidence: `${name}: the clocks are ${apart} apart.` }
  return {
    id: 'database.clock',
    severity: 'warning',
    evidence: `${name}: the server's clock is ${apart} ${offset > 0 ? 'ahead of' : 'behind'} this host's.`,
    fix: 'Set both by the same time source (NTP). Check with: timedatectl',
  }
}

function judgeState({ database, schema, status, missingTables, pending }: StateResult, fix: string): Finding {
  const id = 'control.tables'
  const where = `${database}: rowkeeper's own tables in ${schema}`
  switch (status) {
    case 'installed':
      return { id, severity: 'ok', evidence: `${where} are installed and of this version.` }
    case 'missing':
      return { id, severity: 'error', evidence: `${where} are not installed; nothing can run.`, fix }
    case 'incomplete':
      return { id, severity: 'error', evidence: `${where} lack ${missingTables.join(', ')}.`, fix }
    case 'outdated':
      return { id, severity: 'error', evidence: `${where} lack ${pending.join(', ')}.`, fix }
    case 'newer': {
      const evidence = `${where} were made by a newer version.`
      return { id, severity: 'error', evidence, fix: 'Use the newer rowkeeper on every host.' }
    }
  }
}

async function examineControlTables(
  reading: ControlReading,
  { status, database }: StateResult,
): Promise<readonly Finding[]> {
  if (status !== 'installed') return []
  return [...(await examinePrivileges(reading, database)), ...(await findLostRuns(reading, database))]
}

const needed: readonly Privilege[] = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']

async function examinePrivileges(reading: ControlReading, name: string): Promise<readonly Finding[]> {
  const { schema } = reading
  const id = 'control.privileges'
  return reading.read(async (session) => {
    const findings: Finding[] = []
    for (const table of controlTableNames) {
      const missing = await findMissingPrivileges(session, { schema, table }, needed)
      if (missing.length === 0) continue
      const evidence = `${name}: the account may not ${missing.join(' or ')} on ${schema}.${table}.`
      const fix = await describeGrant(session, { schema, table }, missing)
      findings.push({ id, severity: 'error', evidence, fix })
    }
    if (findings.length > 0) return findings
    return [
      { id, severity: 'ok', evidence: `${name}: the account may read and write rowkeeper's own tables.` },
    ]
  })
}

/** Lost, and not yet taken over by a later run. */
async function findLostRuns({ read, schema }: ControlReading, name: string): Promise<readonly Finding[]> {
  const rows = await read((session) => session.rows(selectRuns(schema, { limit: RUNS_LOOKED_AT })))
  return rows
    .filter((row) => row.state === 'lost' && row.finished_at === null)
    .map((row) => ({
      id: 'runs.lost',
      severity: 'warning',
      evidence: `${name}: run ${row.run_id} of ${row.job} by ${row.holder} ended without a word.`,
      fix: `The next run goes on from its checkpoint: rowkeeper run ${row.job}`,
    }))
}

function selectSqlMode(): Statement {
  return statement('doctor.select-sql-mode', sql`SELECT @@GLOBAL.sql_mode AS sql_mode`)
}
