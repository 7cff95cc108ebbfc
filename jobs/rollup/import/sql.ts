import { type Statement, sql, statement, tuples } from '../../../src/db/statement.ts'
import { controlTable } from '../../../src/run/sql.ts'

/** What is known of the files and streams of a job. */
export function selectFiles(schema: string, job: string, batchId: string | undefined): Statement {
  const which = batchId === undefined ? sql`batch_id IS NULL` : sql`batch_id = ${batchId}`
  return statement(
    'rollup.select-files',
    sql`SELECT id, name, head_bytes, head_hash, done_bytes, tail_hash, done_lines, bad_lines
      FROM ${controlTable(schema, 'file')} WHERE job = ${job} AND ${which} ORDER BY done_bytes DESC`,
  )
}

export interface NewFile {
  readonly job: string
  readonly runId: string
  readonly batchId: string | undefined
  readonly name: string
  readonly headBytes: number
  readonly headHash: string
}

export function insertFile(schema: string, file: NewFile): Statement {
  const { job, runId, batchId = null, name, headBytes, headHash } = file
  return statement(
    'rollup.insert-file',
    sql`INSERT INTO ${controlTable(schema, 'file')}
      (job, batch_id, name, head_bytes, head_hash, done_bytes, tail_hash, done_lines, bad_lines, run_id, updated_at)
      VALUES (${job}, ${batchId}, ${name}, ${headBytes}, ${headHash}, 0, '', 0, 0, ${runId}, UTC_TIMESTAMP(3))`,
  )
}

/** Locks it: a stretch is counted from where the one before it ended, and by nobody else. */
export function selectFileLocked(schema: string, fileId: string): Statement {
  return statement(
    'rollup.select-file-locked',
    sql`SELECT done_bytes FROM ${controlTable(schema, 'file')} WHERE id = ${fileId} FOR UPDATE`,
  )
}

export interface FileAdvance {
  readonly fileId: string
  readonly runId: string
  readonly to: number
  readonly tailHash: string
  readonly lines: number
  readonly badLines: number
}

export function advanceFile(
  schema: string,
  { fileId, runId, to, tailHash, lines, badLines }: FileAdvance,
): Statement {
  return statement(
    'rollup.advance-file',
    sql`UPDATE ${controlTable(schema, 'file')} SET done_bytes = ${to}, tail_hash = ${tailHash},
        done_lines = done_lines + ${lines}, bad_lines = bad_lines + ${badLines}, run_id = ${runId}, updated_at = UTC_TIMESTAMP(3)
      WHERE id = ${fileId}`,
  )
}

export interface BadLine {
  readonly line: number
  readonly reason: string
  readonly content: string
}

export function insertBadLines(
  schema: string,
  { fileId, runId }: { fileId: string; runId: string },
  lines: readonly BadLine[],
): Statement {
  return statement(
    'rollup.insert-bad-lines',
    sql`INSERT INTO ${controlTable(schema, 'bad_line')} (file_id, line, reason, content, run_id)
      VALUES ${tuples(lines.map(({ line, reason, content }) => [fileId, line, reason, content, runId]))}`,
  )
}

export function selectBadLines(schema: string, { job, limit }: { job: string; limit: number }): Statement {
  return statement(
    'rollup.select-bad-lines',
    sql`SELECT f.name, f.batch_id, b.line, b.reason, b.content
      FROM ${controlTable(schema, 'bad_line')} AS b JOIN ${controlTable(schema, 'file')} AS f ON f.id = b.file_id
      WHERE f.job = ${job} ORDER BY f.id, b.line LIMIT ${limit}`,
  )
}
