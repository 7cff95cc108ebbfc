import { type Statement, sql, statement, type TableName, tuples } from '../../../src/db/statement.ts'
import { controlTable } from '../../../src/run/sql.ts'

/** Where counted events came from. */
export type Origin = 'table' | 'segment' | 'file' | 'repair'

export interface LedgerLine {
  readonly job: string
  readonly runId: string
  readonly origin: Origin
  readonly day: string
  /** Counted, those of bots among them. */
  readonly events: number
  /** Beside these, repeats: they are in no counter. */
  readonly filtered: number
  /** By measure, as exact decimal text; JSON. */
  readonly amounts: string
}

export function insertCounted(schema: string, lines: readonly LedgerLine[], asOf: string): Statement {
  const rows = lines.map(({ job, day, runId, origin, events, filtered, amounts }) => [
    ...[job, day, runId, origin],
    ...[events, filtered, amounts, asOf],
  ])
  return statement(
    'rollup.insert-counted',
    sql`INSERT INTO ${controlTable(schema, 'counted')}
      (job, day, run_id, origin, events, filtered, amounts, created_at) VALUES ${tuples(rows)}`,
  )
}

export interface RollupSource {
  readonly job: string
  readonly schema: string
  readonly table: string
  readonly timeColumn: string
  readonly strategy: string
  /** DATETIME text in UTC: events before are counted for good. Null where every row left is one to count. */
  readonly countedUntil: string | null
}

export function putSource(schema: string, source: RollupSource): Statement {
  const { job, table, timeColumn, strategy, countedUntil } = source
  return statement(
    'rollup.put-source',
    sql`INSERT INTO ${controlTable(schema, 'rollup')}
      (job, source_schema, source_table, time_column, strategy, counted_until, updated_at)
      VALUES (${job}, ${source.schema}, ${table}, ${timeColumn}, ${strategy}, ${countedUntil}, UTC_TIMESTAMP(3))
      ON DUPLICATE KEY UPDATE source_schema = ${source.schema}, source_table = ${table}, time_column = ${timeColumn},
        strategy = ${strategy}, counted_until = ${countedUntil}, updated_at = UTC_TIMESTAMP(3)`,
  )
}

/** Further jobs that count the same table: `job`, `strategy`, and when a run of them last said so. */
export function selectOthers(
  schema: string,
  { job, name }: { readonly job: string; readonly name: TableName },
): Statement {
  return statement(
    'rollup.select-others',
    sql`SELECT job, strategy, updated_at FROM ${controlTable(schema, 'rollup')}
      WHERE source_schema = ${name.schema} AND source_table = ${name.table} AND job <> ${job} ORDER BY job`,
  )
}

export function selectStrategy(schema: string, job: string): Statement {
  return statement(
    'rollup.select-strategy',
    sql`SELECT strategy FROM ${controlTable(schema, 'rollup')} WHERE job = ${job}`,
  )
}
