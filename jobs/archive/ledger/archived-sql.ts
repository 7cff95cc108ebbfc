import { type Statement, sql, statement, type TableName } from '../../../src/db/statement.ts'
import { controlTable } from '../../../src/run/sql.ts'

export interface ArchivedTable {
  readonly job: string
  readonly name: TableName
  /** Null for a child, whose rows go by the age of the row above, and after the job was given another column. */
  readonly ageColumn: string | null
  /** DATETIME text in UTC. */
  readonly before: string
}

/** A cutoff of an earlier run that was later stands: those rows are gone. */
export function putArchived(schema: string, { job, name, ageColumn, before }: ArchivedTable): Statement {
  return statement(
    'archive.put-archived',
    sql`INSERT INTO ${controlTable(schema, 'archived')}
      (job, source_schema, source_table, age_column, moved_before, updated_at)
      VALUES (${job}, ${name.schema}, ${name.table}, ${ageColumn}, ${before}, UTC_TIMESTAMP(3))
      ON DUPLICATE KEY UPDATE age_column = IF(age_column = ${ageColumn}, age_column, NULL),
        moved_before = GREATEST(moved_before, ${before}), updated_at = UTC_TIMESTAMP(3)`,
  )
}
