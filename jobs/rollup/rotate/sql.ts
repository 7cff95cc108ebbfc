import {
  type Fragment,
  id,
  join,
  nothing,
  raw,
  type Statement,
  sql,
  statement,
  type TableName,
  tableId,
} from '../../../src/db/statement.ts'
import { after, type KeyValue, orderBy, selectKey } from '../../../src/engine/chunks/keyset.ts'
import { controlTable } from '../../../src/run/sql.ts'
import { isUnusable, isUsable } from '../events/usable-sql.ts'
import { eventColumns } from '../fold/read-event.ts'
import type { SourceTable } from '../tables.ts'
import type { SegmentState } from './segment.ts'

export function selectSegments(schema: string, job: string): Statement {
  return statement(
    'rollup.select-segments',
    sql`SELECT segment_table, state, position, held_until FROM ${controlTable(schema, 'segment')}
      WHERE job = ${job} AND state <> 'dropped' ORDER BY segment_table`,
  )
}

/** Locks it: a chunk is counted from where the one before it ended, and by nobody else. */
export function selectSegmentLocked(
  schema: string,
  { job, table }: { job: string; table: string },
): Statement {
  return statement(
    'rollup.select-segment-locked',
    sql`SELECT segment_table, state, position, held_until FROM ${controlTable(schema, 'segment')}
      WHERE job = ${job} AND segment_table = ${table} FOR UPDATE`,
  )
}

export interface NotedSegment {
  readonly job: string
  readonly runId: string
  readonly table: string
  readonly source: TableName
}

export function insertSegment(schema: string, { job, runId, table, source }: NotedSegment): Statement {
  return statement(
    'rollup.insert-segment',
    sql`INSERT INTO ${controlTable(schema, 'segment')}
      (job, segment_table, source_schema, source_table, state, events, run_id, updated_at)
      VALUES (${job}, ${table}, ${source.schema}, ${source.table}, 'noted', 0, ${runId}, UTC_TIMESTAMP(3))`,
  )
}

export interface SegmentChange {
  readonly job: string
  readonly table: string
  readonly state: SegmentState
  /** Milliseconds from now. */
  readonly holdMs?: number
}

export function updateSegment(schema: string, { job, table, state, holdMs }: SegmentChange): Statement {
  const rotated = state === 'frozen' ? sql`, rotated_at = UTC_TIMESTAMP(3)` : nothing
  const held =
    holdMs === undefined
      ? nothing
      : sql`, held_until = UTC_TIMESTAMP(3) + INTERVAL ${holdMs * 1000} MICROSECOND`
  return statement(
    'rollup.update-segment',
    sql`UPDATE ${controlTable(schema, 'segment')} SET state = ${state}, updated_at = UTC_TIMESTAMP(3)${rotated}${held}
      WHERE job = ${job} AND segment_table = ${table}`,
  )
}

/** How far it is counted: JSON of the last key. */
export function advanceSegment(
  schema: string,
  { job, table, position, events }: { job: string; table: string; position: string; events: number },
): Statement {
  return statement(
    'rollup.advance-segment',
    sql`UPDATE ${controlTable(schema, 'segment')}
      SET position = ${position}, events = events + ${events}, updated_at = UTC_TIMESTAMP(3)
      WHERE job = ${job} AND segment_table = ${table}`,
  )
}

export function createNext(next: TableName, live: TableName): Statement {
  return statement(
    'rollup.create-next',
    sql`CREATE TABLE IF NOT EXISTS ${tableId(next)} LIKE ${tableId(live)}`,
  )
}

export function setAutoIncrement(table: TableName, value: bigint): Statement {
  return statement(
    'rollup.set-auto-increment',
    sql`ALTER TABLE ${tableId(table)} AUTO_INCREMENT = ${raw(String(value))}`,
  )
}

/** The lowest number that is there; the server reads it from the end of an index. */
export function selectLowest(table: TableName, column: string): Statement {
  return statement('rollup.select-lowest', sql`SELECT MIN(${id(column)}) AS lowest FROM ${tableId(table)}`)
}

/** Both at once or neither, when no transaction has the table open. */
export function swapTables(live: TableName, segment: TableName, next: TableName): Statement {
  return statement(
    'rollup.swap-tables',
    sql`RENAME TABLE ${tableId(live)} TO ${tableId(segment)}, ${tableId(next)} TO ${tableId(live)}`,
  )
}

export function dropTable(table: TableName): Statement {
  return statement('rollup.drop-table', sql`DROP TABLE IF EXISTS ${tableId(table)}`)
}

export function selectAny(table: TableName): Statement {
  return statement('rollup.select-any', sql`SELECT 1 AS found FROM ${tableId(table)} LIMIT 1`)
}

export interface ChunkBounds {
  readonly table: TableName
  readonly behind: readonly KeyValue[] | undefined
}

/** The key of the last event of the next chunk, which has `rows` events; none when fewer are left. */
export function selectChunkEnd(source: SourceTable, { table, behind }: ChunkBounds, rows: number): Statement {
  return statement(
    'rollup.select-chunk-end',
    sql`SELECT ${keyColumns(source)} FROM ${tableId(table)} FORCE INDEX (${id(source.keyIndex)})
      WHERE ${behindKey(source, behind)} ${orderBy(namesOf(source))} LIMIT 1 OFFSET ${rows - 1}`,
  )
}

/** The last key of all. */
export function selectSegmentEnd(source: SourceTable, { table, behind }: ChunkBounds): Statement {
  const order = join(source.key.map(({ name }) => sql`${id(name)} DESC`))
  return statement(
    'rollup.select-segment-end',
    sql`SELECT ${keyColumns(source)} FROM ${tableId(table)} FORCE INDEX (${id(source.keyIndex)})
      WHERE ${behindKey(source, behind)} ORDER BY ${order} LIMIT 1`,
  )
}

/** Events that are still to be counted, up to `bound`. */
export function countBehind(source: SourceTable, { table, behind }: ChunkBounds, bound: number): Statement {
  return statement(
    'rollup.count-behind',
    sql`SELECT COUNT(*) AS events FROM (SELECT 1 FROM ${tableId(table)} FORCE INDEX (${id(source.keyIndex)})
      WHERE ${behindKey(source, behind)} LIMIT ${bound}) AS waiting`,
  )
}

/** The events of a chunk that belong into buckets. */
export function inChunk(
  source: SourceTable,
  behind: readonly KeyValue[] | undefined,
  last: readonly KeyValue[],
): Fragment {
  return sql`${behindKey(source, behind)} AND NOT ${after(columnsOf(source), last)} AND ${isUsable(source)}`
}

/** The events of a chunk, to be looked at one by one. */
export function selectChunk(source: SourceTable, table: TableName, where: Fragment): Statement {
  return statement(
    'rollup.select-chunk',
    sql`SELECT ${eventColumns(source)} FROM ${tableId(table)} FORCE INDEX (${id(source.keyIndex)}) WHERE ${where}`,
  )
}

export function countUnusableIn(source: SourceTable, table: TableName): Statement {
  return statement(
    'rollup.count-unusable-in',
    sql`SELECT COUNT(*) AS events FROM ${tableId(table)} WHERE ${isUnusable(source)}`,
  )
}

function behindKey(source: SourceTable, behind: readonly KeyValue[] | undefined): Fragment {
  return behind === undefined ? raw('TRUE') : after(columnsOf(source), behind)
}

function keyColumns({ key }: SourceTable): Fragment {
  return join(key.map((column, position) => selectKey(column, `key_${position}`)))
}

function columnsOf({ key }: SourceTable): readonly Fragment[] {
  return key.map(({ name }) => id(name))
}

function namesOf({ key }: SourceTable): readonly string[] {
  return key.map(({ name }) => name)
}
