import { list, type Statement, sql, statement } from '../../../src/db/statement.ts'
import { controlTable } from '../../../src/run/sql.ts'

/** Lines of one job and day that may become one. Where the events came from stays told apart. */
export interface LineGroup {
  readonly job: string
  readonly day: string
  readonly origin: string
  /** DATETIME text in UTC: only lines written before. */
  readonly writtenBefore: string
}

/** Days and origins with so many old lines: `day`, `origin`. */
export function selectLongDays(
  schema: string,
  { job, writtenBefore, lines }: Pick<LineGroup, 'job' | 'writtenBefore'> & { readonly lines: number },
): Statement {
  return statement(
    'rollup.select-long-days',
    sql`SELECT day, origin FROM ${controlTable(schema, 'counted')}
      WHERE job = ${job} AND created_at < ${writtenBefore}
      GROUP BY day, origin HAVING COUNT(*) >= ${lines} ORDER BY day, origin`,
  )
}

export function lockLines(
  schema: string,
  { job, day, origin, writtenBefore, rows }: LineGroup & { readonly rows: number },
): Statement {
  return statement(
    'rollup.lock-lines',
    sql`SELECT id, events, filtered, amounts FROM ${controlTable(schema, 'counted')}
      WHERE job = ${job} AND day = ${day} AND origin = ${origin} AND created_at < ${writtenBefore}
      ORDER BY id LIMIT ${rows} FOR UPDATE`,
  )
}

export interface LineSum {
  readonly events: bigint
  readonly filtered: bigint
  readonly amounts: string
}

export function putLine(schema: string, line: string, { events, filtered, amounts }: LineSum): Statement {
  return statement(
    'rollup.put-line',
    sql`UPDATE ${controlTable(schema, 'counted')}
      SET events = ${events}, filtered = ${filtered}, amounts = ${amounts} WHERE id = ${BigInt(line)}`,
  )
}

export function deleteLines(schema: string, lines: readonly string[]): Statement {
  return statement(
    'rollup.delete-lines',
    sql`DELETE FROM ${controlTable(schema, 'counted')} WHERE id IN (${list(lines.map(BigInt))})`,
  )
}
