import type { TestRow } from '../../../support/database.ts'
import { items, type Layout, orders, type TruthTable, tablesOf } from './tables.ts'

/** Where the rows of a test may be. */
export interface Places {
  readonly schema: string
  /** Of the archive tables and their ledger; the same schema, or one that stands for another server. */
  readonly archiveSchema: string
  readonly layout: Layout
}

export type Query = (sql: string, values?: readonly unknown[]) => Promise<readonly TestRow[]>

export function archiveTable({ live }: TruthTable): string {
  return `${live}_archive`
}

/** The age that the partitions of an archive table are made by. */
export function archiveAge({ live }: TruthTable): string {
  return live === 'orders' ? 'created_at' : 'rowkeeper_age'
}

/**
 * One look at everything, each question at one instant; sentences about what is not as it must be at any time (A1 to
 * A5): every row of the truth is in exactly one place with exactly its content, an item is where its order is, and the
 * ledger counts what is there. Undefined when a table came or went meanwhile.
 */
export async function look(query: Query, places: Places): Promise<readonly string[] | undefined> {
  const before = await listTables(query, places)
  const found: string[] = []
  try {
    for (const table of tablesOf(places.layout)) {
      found.push(...(await findMisplaced(query, places, table, before)))
      if (before.some(({ name }) => name === archiveTable(table)))
        found.push(...(await findMiscounted(query, places, table)))
    }
    if (before.some(({ name }) => name === archiveTable(items)))
      found.push(...(await findOrphans(query, places)))
  } catch (error) {
    if (tablesChangedErrors.includes((error as { errno?: number }).errno ?? 0)) return undefined
    throw error
  }
  const after = await listTables(query, places)
  return JSON.stringify(before) === JSON.stringify(after) ? found : undefined
}

/** No such table; definition changed, retry; no such partition. */
const tablesChangedErrors = [1146, 1412, 1735]

interface Listed {
  readonly schema: string
  readonly name: string
}

/** The live tables, the archive tables, and those in which a month is held. */
async function listTables(query: Query, { schema, archiveSchema }: Places): Promise<readonly Listed[]> {
  const rows = await query(
    `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS name FROM information_schema.TABLES
      WHERE TABLE_SCHEMA IN (?) AND TABLE_NAME REGEXP '^(rk_hold_)?(orders|items)(_archive)?(_[0-9]{6})?$'
      ORDER BY TABLE_SCHEMA, TABLE_NAME`,
    [[schema, archiveSchema]],
  )
  return rows.map((row) => ({ schema: String(row.schema), name: String(row.name) }))
}

async function findMisplaced(
  query: Query,
  { schema, archiveSchema }: Places,
  table: TruthTable,
  listed: readonly Listed[],
): Promise<readonly string[]> {
  const { live, truth } = table
  const own = listed.filter(({ name }) => name.replace(/^rk_hold_/, '').startsWith(live))
  const sides = own.map((place) => {
    const isLive = place.schema === schema && place.name === live
    return selectSide(table, `\`${place.schema}\`.\`${place.name}\``, isLive ? 'live' : 'moved')
  })
  const all = [...sides, selectSide(table, `\`${schema}\`.\`${truth}\``, 'truth')].join(' UNION ALL ')
  const wrong = schema === archiveSchema ? inOneTransaction : throughJournal
  const rows = await query(
    `SELECT id, content, SUM(side = 'live') AS live_rows, SUM(side = 'moved') AS moved_rows,
        SUM(side = 'truth') AS true_rows FROM (${all}) AS sides
      GROUP BY id, content HAVING ${wrong} LIMIT 5`,
  )
  return rows.map(
    (row) =>
      `${live} ${row.id} is ${row.live_rows} times in ${live} and ${row.moved_rows} times moved, but ${row.true_rows} times true: ${row.content}`,
  )
}

/** On one server a row is in one place, with one content. */
const inOneTransaction = 'live_rows + moved_rows <> true_rows'

/** On its way to another server a row may be in both; a copy that is left may be out of date until it is settled. */
const throughJournal =
  '(true_rows = 1 AND live_rows + moved_rows = 0) OR live_rows > true_rows OR moved_rows > 1'

/** Every byte of the row, and its id. */
function selectSide({ columns }: TruthTable, table: string, side: string): string {
  const cells = columns.map((column) => `COALESCE(HEX(CAST(${column} AS CHAR)), '-')`)
  return `SELECT id, CONCAT_WS('|', ${cells.join(', ')}) AS content, '${side}' AS side FROM ${table}`
}

/** The ledger commits with the rows: at every instant it counts what the month has. */
async function findMiscounted(
  query: Query,
  { archiveSchema }: Places,
  table: TruthTable,
): Promise<readonly string[]> {
  const archive = archiveTable(table)
  const rows = await query(
    `SELECT month, row_count, COUNT(moved.id) AS has FROM \`${archiveSchema}\`.rowkeeper_month
      LEFT JOIN \`${archiveSchema}\`.\`${archive}\` AS moved
        ON DATE_FORMAT(moved.${archiveAge(table)}, '%Y-%m') = month
      WHERE archive_schema = ? AND archive_table = ? AND state = 'open'
      GROUP BY month, row_count HAVING has <> row_count`,
    [archiveSchema, archive],
  )
  return rows.map(
    (row) => `the ledger counts ${row.row_count} rows in ${row.month} of ${archive}, which has ${row.has}`,
  )
}

/** An item that was moved lies in the month of its order, and its order was moved too. */
async function findOrphans(query: Query, { archiveSchema }: Places): Promise<readonly string[]> {
  const at = (table: TruthTable) => `\`${archiveSchema}\`.\`${archiveTable(table)}\``
  const rows = await query(
    `SELECT moved.id, moved.order_id FROM ${at(items)} AS moved
      LEFT JOIN ${at(orders)} AS belongs ON belongs.id = moved.order_id AND belongs.created_at = moved.rowkeeper_age
      WHERE belongs.id IS NULL LIMIT 5`,
  )
  return rows.map((row) => `item ${row.id} was moved, but its order ${row.order_id} is not in the same month`)
}
