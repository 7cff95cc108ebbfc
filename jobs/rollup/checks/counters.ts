import { type Column, findColumn, type TableDefinition } from '../../../src/db/catalog.ts'
import type { Finding } from '../../../src/run/events.ts'
import { SKETCH_BYTES } from '../counters/sketch.ts'
import { keyColumnNames, sketchColumn } from '../counters/sql.ts'
import type { CounterTable } from '../tables.ts'
import { correct } from '../tables.ts'
import { type Look, refusal, warning } from './look.ts'

/** A counter table that is there must be one that every upsert finds the right row in. */
export const checkCounters: Look = async ({ settings, tables: { counters } }) => {
  const { table } = counters
  if (table === undefined) return []
  const switched = refuseSwitched(table, counters, settings.job)
  if (switched.length > 0) return switched
  const missing = wantedColumns(counters).filter((name) => findColumn(table, name) === undefined)
  if (missing.length > 0) return [lacksColumns(table, missing, settings.job)]
  return [
    ...refuseKeys(table, counters),
    ...refuseUnsigned(table, counters),
    ...refuseSketches(table, counters),
    ...warnOfIndex(table),
  ]
}

function wantedColumns(counters: CounterTable): readonly string[] {
  const measures = counters.measures.map(({ name }) => name)
  return [...keyColumnNames(counters), ...measures, ...sketchColumns(counters)]
}

function sketchColumns({ measures, uniques }: CounterTable): readonly string[] {
  return measures
    .filter(({ type }) => type === 'unique' && uniques === 'estimated')
    .map(({ name }) => sketchColumn(name))
}

/**
 * What was met before is known as values or as sketches, and neither can be made from the other: counters would begin
 * anew in every bucket that is still being counted. The columns of the table say which it was.
 */
function refuseSwitched(
  table: TableDefinition,
  { measures, uniques }: CounterTable,
  job: string,
): readonly Finding[] {
  const has = (column: string) => findColumn(table, column) !== undefined
  const switched = measures
    .filter(({ type, name }) => type === 'unique' && has(name))
    .filter(({ name }) => has(sketchColumn(name)) !== (uniques === 'estimated'))
    .map(({ name }) => name)
  if (switched.length === 0) return []
  const [names, sketches] = [switched.join(', '), switched.map(sketchColumn)]
  const { schema, table: counters } = table.name
  const before = uniques === 'exact' ? 'estimated' : 'exact'
  const evidence =
    uniques === 'exact'
      ? `${names} of ${schema}.${counters} was estimated until now (it has ${sketches.join(', ')}); exact knows none of the values that were met before.`
      : `${names} of ${schema}.${counters} was counted exactly until now (it has no ${sketches.join(', ')}); a sketch cannot be made of what was counted before.`
  const whenEmpty =
    uniques === 'exact'
      ? sketches.map((name) => `DROP COLUMN ${name}`)
      : sketches.map((name) => `ADD COLUMN ${name} BLOB NULL`)
  return [
    refusal(
      'uniquesSwitched',
      evidence,
      `Name uniques: ${before}, or another counter table: ${correct(job, 'into.table')}. While nothing is counted yet: ALTER TABLE ${counters} ${whenEmpty.join(', ')}`,
    ),
  ]
}

function lacksColumns({ name }: TableDefinition, missing: readonly string[], job: string): Finding {
  return refusal(
    'counterColumns',
    `${name.schema}.${name.table} has no column ${missing.join(', ')}.`,
    `Add it, or name another table, which is then made: ${correct(job, 'into.table')}`,
  )
}

/**
 * ON DUPLICATE KEY UPDATE changes the row that clashes first, whichever unique key that was on: with two of them, the
 * wrong one (MySQL manual, "INSERT ... ON DUPLICATE KEY UPDATE Statement").
 */
function refuseKeys({ name, indexes }: TableDefinition, counters: CounterTable): readonly Finding[] {
  const wanted = keyColumnNames(counters).map((column) => column.toLowerCase())
  const unique = indexes.filter(({ isUnique }) => isUnique)
  const isKey = (columns: readonly string[]) =>
    columns.length === wanted.length &&
    wanted.every((column) => columns.some((one) => one.toLowerCase() === column))
  const others = unique.filter(
    ({ columns, parts }) => !isKey(columns) || parts.some((part) => part.prefixLength),
  )
  if (unique.length > others.length && others.length === 0) return []
  const list = `(${keyColumnNames(counters).join(', ')})`
  const evidence =
    unique.length === others.length
      ? `No unique key of ${name.schema}.${name.table} is ${list}, so the same counter would be inserted again and again.`
      : `Beside ${list}, ${name.schema}.${name.table} has the unique key ${others.map((index) => index.name).join(', ')}: an upsert could change another row than the one that is meant.`
  return [
    refusal(
      'counterKeys',
      evidence,
      `Let ${list} be the primary key and the only unique one of ${name.table}.`,
    ),
  ]
}

/** What goes up and down within a bucket may end below 0 there, whatever it is in all. */
function refuseUnsigned(table: TableDefinition, { measures }: CounterTable): readonly Finding[] {
  const unsigned = measures
    .filter(({ type }) => type === 'sum')
    .map(({ name }) => findColumn(table, name))
    .filter((column) => column?.columnType.includes('unsigned'))
    .flatMap((column) => column?.name ?? [])
  if (unsigned.length === 0) return []
  const { name } = table
  return [
    refusal(
      'unsignedSum',
      `${unsigned.join(', ')} of ${name.schema}.${name.table} is unsigned: a bucket in which more is taken back than given could not be written.`,
      `ALTER TABLE ${name.table} ${unsigned.map((column) => `MODIFY ${column} BIGINT NOT NULL DEFAULT 0`).join(', ')}`,
    ),
  ]
}

/** A sketch is bytes, and there must be room for it whole. */
function refuseSketches(table: TableDefinition, counters: CounterTable): readonly Finding[] {
  const short = sketchColumns(counters).filter((name) => !holdsSketch(findColumn(table, name)))
  if (short.length === 0) return []
  const { name } = table
  return [
    refusal(
      'sketchColumn',
      `${short.join(', ')} of ${name.schema}.${name.table} must hold ${SKETCH_BYTES} bytes or NULL.`,
      `ALTER TABLE ${name.table} ${short.map((column) => `MODIFY ${column} BLOB NULL`).join(', ')}`,
    ),
  ]
}

function holdsSketch(column: Column | undefined): boolean {
  if (column === undefined || !column.isNullable) return false
  const { dataType, maximumLength = 0 } = column
  return (dataType.endsWith('blob') || dataType === 'varbinary') && maximumLength >= SKETCH_BYTES
}

/** Counting does not need it; verify, rebuild and top do. */
function warnOfIndex({ name, indexes }: TableDefinition): readonly Finding[] {
  const has = indexes.some(({ columns }) => columns[0] === 'bucket_size' && columns[1] === 'bucket_start')
  if (has) return []
  return [
    warning(
      'counterIndex',
      `No index of ${name.schema}.${name.table} begins with (bucket_size, bucket_start): reading a stretch of time reads all counters.`,
      `CREATE INDEX by_bucket ON ${name.table} (bucket_size, bucket_start)`,
    ),
  ]
}
