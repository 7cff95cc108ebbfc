import { list, type Statement, sql, statement, type TableName, tuples } from '../../../src/db/statement.ts'
import type { Digest } from '../../../src/engine/chunks/digest.ts'
import { controlTable } from '../../../src/run/sql.ts'

/** Statements of the journal, which lies on the server of the archive table, and of the marker rows of the source. */

/**
 * Which transaction of the source is to delete the rows, or to put them back: its marker row there has the same run and
 * number, and is there exactly when it was committed.
 */
export interface BatchId {
  readonly runId: string
  readonly seq: number
}

/**
 * copied: rows of the live table were put into the archive and are to be deleted there · restoring: rows of the archive
 * are to be put back into the live table and then deleted from the archive.
 */
export type JournalState = 'copied' | 'restoring'

export interface JournalRow extends BatchId {
  readonly job: string
  readonly state: JournalState
  /** `shop.orders on <server>`, for people and to tell sources of one archive table apart. */
  readonly sourceId: string
  readonly archive: TableName
  readonly digest: Digest
  readonly firstKey: string
  readonly lastKey: string
  /** JSON; see journal.ts. */
  readonly keys: string
}

export function insertJournal(schema: string, entry: JournalRow): Statement {
  const { digest, archive } = entry
  return statement(
    'archive.insert-journal',
    sql`INSERT INTO ${controlTable(schema, 'journal')}
        (run_id, seq, job, source_id, archive_schema, archive_table, state, row_count, checksum_xor, checksum_sum,
          first_key, last_key, \`keys\`, created_at)
      VALUES (${entry.runId}, ${entry.seq}, ${entry.job}, ${entry.sourceId}, ${archive.schema}, ${archive.table},
        ${entry.state}, ${digest.rows}, ${digest.xor}, ${digest.sum}, ${entry.firstKey}, ${entry.lastKey}, ${entry.keys},
        UTC_TIMESTAMP(3))`,
  )
}

/** The rows that are left of a batch are to be deleted by another transaction now. */
export function adoptJournal(schema: string, old: BatchId, row: JournalRow): Statement {
  const { digest } = row
  return statement(
    'archive.adopt-journal',
    sql`UPDATE ${controlTable(schema, 'journal')}
      SET run_id = ${row.runId}, seq = ${row.seq}, source_id = ${row.sourceId}, row_count = ${digest.rows},
        checksum_xor = ${digest.xor}, checksum_sum = ${digest.sum}, first_key = ${row.firstKey},
        last_key = ${row.lastKey}, \`keys\` = ${row.keys}
      WHERE run_id = ${old.runId} AND seq = ${old.seq}`,
  )
}

/** Batches that may have left rows in both places. */
export function selectJournal(schema: string, archive: TableName): Statement {
  return statement(
    'archive.select-journal',
    sql`SELECT run_id, seq, source_id, state, row_count, checksum_xor, checksum_sum, \`keys\`
      FROM ${controlTable(schema, 'journal')}
      WHERE archive_schema = ${archive.schema} AND archive_table = ${archive.table}
      ORDER BY created_at, run_id, seq`,
  )
}

/** The rows are in one place: nothing is left to be remembered. */
export function deleteJournal(schema: string, { runId, seq }: BatchId): Statement {
  return statement(
    'archive.delete-journal',
    sql`DELETE FROM ${controlTable(schema, 'journal')} WHERE run_id = ${runId} AND seq = ${seq}`,
  )
}

/** The number of the transaction that asks: numbers of a run only grow. */
export function selectOwnSeq(schema: string, runId: string): Statement {
  return statement(
    'archive.select-own-seq',
    sql`SELECT MAX(seq) AS seq FROM ${controlTable(schema, 'batch')} WHERE run_id = ${runId}`,
  )
}

/** Those that were committed. */
export function selectMarkers(schema: string, batches: readonly BatchId[]): Statement {
  const ids = tuples(batches.map(({ runId, seq }) => [runId, seq]))
  return statement(
    'archive.select-markers',
    sql`SELECT run_id, seq FROM ${controlTable(schema, 'batch')} WHERE (run_id, seq) IN (${ids})`,
  )
}

/** Those that began here. A run is forgotten after ninety days. */
export function selectKnownRuns(schema: string, runIds: readonly string[]): Statement {
  return statement(
    'archive.select-known-runs',
    sql`SELECT run_id FROM ${controlTable(schema, 'run')} WHERE run_id IN (${list(runIds)})`,
  )
}
