import { findColumn, readTable } from '../../src/db/catalog.ts'
import type { Row } from '../../src/db/connection.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { Finding } from '../../src/run/events.ts'
import type { Check, JobSettings } from '../../src/run/job.ts'
import { pageOf, startCursor } from './candidates.ts'
import type { ReconcileConfig } from './config.ts'
import { privilegeCheck } from './privilege-check.ts'
import { isKeyType } from './row.ts'
import { findStatusProblem, resolveSource, type Source } from './source.ts'
import { explainCandidates } from './sql.ts'
import { zoneCheck } from './zone-check.ts'

type Look = (
  context: PlanContext,
  settings: JobSettings<ReconcileConfig>,
  source: Source,
) => Promise<readonly Finding[]>

/** Everything that can be known to be wrong before the first row is asked about. */
export const checks: readonly Check<ReconcileConfig>[] = [
  {
    id: 'reconcile.table',
    scope: 'plan',
    async look(context, settings) {
      const resolved = await resolveSource(context, settings)
      if ('problems' in resolved)
        return resolved.problems.map((problem) => ({ ...problem, severity: 'error' as const }))
      const looks: Look[] = [checkKey, checkIndex, checkPlanOfServer, checkWritten, checkAlso, checkStatuses]
      const findings: Finding[] = []
      for (const look of looks) {
        findings.push(...(await look(context, settings, resolved.source)))
        // What follows reads the table along the index that is missing.
        if (findings.some((finding) => finding.severity === 'error')) break
      }
      return findings
    },
  },
  zoneCheck,
  privilegeCheck,
]

const checkKey: Look = async (_context, _settings, { key, table }) => {
  const odd = key.filter((column) => !isKeyType(column))
  return odd.map((column) => ({
    id: 'reconcile.keyType',
    severity: 'error',
    evidence: `${table.name.table}.${column.name} is ${column.columnType}; such a value cannot be told exactly from another.`,
    fix: 'Name another unique key under key:',
  }))
}

const checkIndex: Look = async (_context, _settings, { scanIndex, columns, table }) => {
  if (scanIndex !== undefined) return []
  const createdAt = columns.createdAt.name
  return [
    {
      id: 'reconcile.indexMissing',
      severity: 'error',
      evidence: `No index of ${table.name.table} begins with ${createdAt}, so every run would read the whole table (about ${table.estimatedRows} rows).`,
      fix: `CREATE INDEX ${table.name.table}_by_${createdAt} ON ${table.name.table} (${createdAt})`,
    },
  ]
}

/** The server's own word on how it would read a page. */
const checkPlanOfServer: Look = async (context, settings, source) => {
  const page = pageOf(context.asOf, settings, source, startCursor(context.runId))
  const rows = await context.read((session) =>
    session.rows(explainCandidates(source, settings.options, page)),
  )
  const scan = rows.find(isFullScan)
  if (scan === undefined) return []
  const columns = [
    ...new Set([source.columns.createdAt.name, ...source.key.map((column) => column.name)]),
  ].join(', ')
  return [
    {
      id: 'reconcile.fullScan',
      severity: 'error',
      evidence: `The server would read all of ${source.table.name.table} for every page (EXPLAIN says type ${scan.type}, about ${scan.rows} rows).`,
      fix: `CREATE INDEX ${source.table.name.table}_for_rowkeeper ON ${source.table.name.table} (${columns})`,
    },
  ]
}

function isFullScan(row: Row): boolean {
  const access = String(row.type ?? '').toLowerCase()
  const hasTable = row.table !== null && row.table !== undefined
  return hasTable && access === 'all'
}

/** Every value a fix would write must fit its column, or the first fix at night fails. */
const checkWritten: Look = async (_context, { options, job }, { columns, table }) => {
  const findings: Finding[] = []
  for (const [to, written] of Object.entries(options.write)) {
    if (written === undefined) continue
    const values = typeof written === 'string' ? { [columns.status.name]: written } : written
    const missing = Object.keys(values).filter((name) => findColumn(table, name) === undefined)
    const path = `jobs.${job}.write.${to}`
    if (missing.length > 0) {
      findings.push(
        problem(
          'reconcile.writeColumnMissing',
          `${path} names ${missing.join(', ')}, which ${table.name.table} does not have.`,
          job,
        ),
      )
    }
    const status = Object.entries(values).find(
      ([name]) => name.toLowerCase() === columns.status.name.toLowerCase(),
    )?.[1]
    if (status === undefined) {
      findings.push(
        problem(
          'reconcile.writeStatusMissing',
          `${path} does not set ${columns.status.name}, so a fixed row would look unfixed for ever.`,
          job,
        ),
      )
    }
    const reason = status === undefined ? undefined : findStatusProblem(columns.status, String(status))
    if (reason !== undefined) findings.push(problem('reconcile.statusDoesNotFit', `${path}: ${reason}.`, job))
  }
  return findings
}

const checkAlso: Look = async (context, { options, schema, job }) => {
  if (options.also === undefined) return []
  const { insertInto, values } = options.also
  const table = await context.read((session) => readTable(session, { schema, table: insertInto }))
  if (table === undefined)
    return [
      problem(
        'reconcile.alsoTableMissing',
        `jobs.${job}.also: there is no table ${schema}.${insertInto}.`,
        job,
      ),
    ]
  const missing = Object.keys(values).filter((name) => findColumn(table, name) === undefined)
  if (missing.length === 0) return []
  return [
    problem(
      'reconcile.alsoColumnMissing',
      `jobs.${job}.also names ${missing.join(', ')}, which ${insertInto} does not have.`,
      job,
    ),
  ]
}

/** A status in the configuration that the column could never hold is a typing error that would hide rows. */
const checkStatuses: Look = async (_context, { options, job }, { columns }) => {
  return Object.entries(options.statuses).flatMap(([localClass, raws]) =>
    (raws ?? []).flatMap((raw): Finding[] => {
      const reason = findStatusProblem(columns.status, raw)
      return reason === undefined
        ? []
        : [problem('reconcile.statusDoesNotFit', `jobs.${job}.statuses.${localClass}: ${reason}.`, job)]
    }),
  )
}

function problem(id: string, evidence: string, job: string): Finding {
  return {
    id,
    severity: 'error',
    evidence,
    fix: `Correct jobs.${job} in the configuration, then run: rowkeeper config check`,
  }
}
