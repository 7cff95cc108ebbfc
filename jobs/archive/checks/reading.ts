import type { Row } from '../../../src/db/connection.ts'
import { DatabaseError } from '../../../src/db/errors.ts'
import { type Statement, sql, statement } from '../../../src/db/statement.ts'
import { plural } from '../../../src/lib/units.ts'
import type { Finding } from '../../../src/run/events.ts'
import { findCutoff } from '../cutoff.ts'
import { oldestAge } from '../partitions/age.ts'
import { quoteName } from '../partitions/age-column.ts'
import { andWhere, columnList, fromAlong, inRange } from '../sql.ts'
import { type CheckScene, correct, type Look, refusal, warning } from './look.ts'

/** The server's own word on how it would read a batch. It meets the configured predicate here for the first time. */
export const checkReading: Look = async (scene) => {
  try {
    const rows = await scene.context.read((session) => session.rows(explainBatch(scene)))
    const odd = rows.find((row) => isOdd(row, scene.tables.source.table.name.table))
    return odd === undefined ? [] : [readsTooMuch(odd, scene)]
  } catch (error) {
    return [judgeRefusal(error, scene)]
  }
}

/** Other tables, in subqueries of the predicate, are the operator's own choice. */
function isOdd(row: Row, table: string): boolean {
  const isOurs = String(row.table ?? '').toLowerCase() === table.toLowerCase()
  return isOurs && (isFullScan(row) || isSorted(row))
}

function isFullScan({ type }: Row): boolean {
  return String(type ?? '').toLowerCase() === 'all'
}

function isSorted({ Extra }: Row): boolean {
  return /filesort|temporary/i.test(String(Extra ?? ''))
}

function readsTooMuch(row: Row, { tables: { source, age } }: CheckScene): Finding {
  const { name, estimatedRows } = source.table
  const does = isFullScan(row) ? 'read all' : 'sort all that is old'
  const columns = [age.column, ...source.key.filter((column) => column !== age.column)]
  // Of a table in months a batch reads and sorts one month at the most, and whole months may be exchanged unread.
  const tell = !isFullScan(row) && source.partitions !== undefined ? warning : refusal
  return tell(
    'fullScan',
    `For every batch the server would ${does} of ${name.table} (about ${plural(estimatedRows, 'row')}; EXPLAIN says type ${row.type}, ${row.Extra || 'nothing more'}) along ${source.walk.index}.`,
    `CREATE INDEX ${quoteName(`${name.table}_for_rowkeeper`)} ON ${quoteName(name.table)} (${columns.map((column) => quoteName(column.name)).join(', ')})`,
  )
}

/** "Key … doesn't exist": hidden from the optimizer, as INVISIBLE (MySQL) or IGNORED (MariaDB). */
const NO_SUCH_KEY = 1176

function judgeRefusal(error: unknown, { context, settings, tables }: CheckScene): Finding {
  if (!(error instanceof DatabaseError) || error.number === undefined) throw error
  const { index } = tables.source.walk
  const table = quoteName(tables.source.table.name.table)
  if (error.number === NO_SUCH_KEY) {
    const seen = context.server.family === 'mysql' ? 'VISIBLE' : 'NOT IGNORED'
    return refusal(
      'indexHidden',
      `The index ${index}, along which the oldest rows would be read, is hidden from the optimizer.`,
      `ALTER TABLE ${table} ALTER INDEX ${quoteName(index)} ${seen}`,
    )
  }
  if (settings.options.where.trim() === '' || !['definition', 'permission'].includes(error.kind)) throw error
  return refusal(
    'where',
    `The server does not take jobs.${settings.job}.where. ${error.message}`,
    correct(settings.job, 'where'),
  )
}

/** As a batch reads: from the oldest on, along the index, in the order of the key, so many. */
function explainBatch({ context, settings, tables }: CheckScene): Statement {
  const { source, age } = tables
  const { literal } = findCutoff(context.asOf, settings.options.age.olderThan, tables)
  const range = inRange(age.column, { from: oldestAge(age), to: literal })
  return statement(
    'archive.explain-batch',
    sql`EXPLAIN FORMAT=TRADITIONAL SELECT ${columnList(source.key)} FROM ${fromAlong(source)}
      WHERE ${range}${andWhere(settings.options.where)}
      ORDER BY ${columnList(source.walk.columns)} LIMIT ${settings.options.batch.rows}`,
  )
}
