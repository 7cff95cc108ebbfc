import type { TestRow } from '../../../support/database.ts'
import { items, type Layout, orders, type TruthTable, tablesOf } from './tables.ts'

/** Where the rows of a test may be. */
export interface Places {
  readonly schema: string
  /** Of the archive tables and their ledger; the same schema, or one that stands for another server. */
  readonly archiveSchema: string
  readonly layout: Layout
  /** The folder of the files that months are exported to. */
  readonly exports: string
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
 * ledger counts what is there. Rows of a month that was exported may be gone: the files are looked at in the end.
 * Undefined when a table came or went meanwhile.
 */
export async function look(query: Query, places: Places): Promise<readonly string[] | undefined> {
  const before = await survey(query, places)
  const found: string[] = []
  try {
    for (const table of tablesOf(places.layout)) {
      found.push(...(await findMisplaced(query, places, table, before)))
      if (has(before, table)) found.push(...(await findMiscounted(query, places, table)))
    }
    if (has(before, items)) found.push(...(await findOrphans(query, places)))
  } catch (error) {
    if (tablesChangedErrors.includes((error as { errno?: number }).errno ?? 0)) return undefined
    throw error
  }
  const after = await survey(query, places)
  return JSON.stringify(before) === JSON.stringify(after) ? found : undefined
}

/** No such table; definition changed, retry; no such partition. */
const tablesChangedErrors = [1146, 1412, 1735]

interface Survey {
  /** The live tables, the archive tables, and those in which a month is held. */
  readonly tables: readonly { readonly schema: string; readonly name: string }[]
  readonly exportedMonths: readonly string[]
}

async function survey(query: Query, { schema, archiveSchema }: Places): Promise<Survey> {
  const tables = await query(
    `SELECT TABLE_SCHEMA AS \`schema\`, TABLE_NAME AS name FROM information_schema.TABLES
      WHERE TABLE_SCHEMA IN (?) AND TABLE_NAME REGEXP '^(rk_hold_)?(orders|items)(_archive)?(_[0-9]{6})?$'
      ORDER BY TABLE_SCHEMA, TABLE_NAME`,
    [[schema, archiveSchema]],
  )
  const months = await query(
    `SELECT month FROM \`${archiveSchema}\`.rowkeeper_month WHERE archive_table = 'orders_archive'
      AND export_file IS NOT NULL ORDER BY month`,
  )
  return {
    tables: tables.map((row) => ({ schema: String(row.schema), name: String(row.name) })),
    exportedMonths: months.map(({ month }) => String(month)),
  }
}

function has({ tables }: Survey, table: TruthTable): boolean {
  return tables.some(({ name }) => name === archiveTable(table))
}

async function findMisplaced(
  query: Query,
  places: Places,
  table: TruthTable,
  { tables, exportedMonths }: Survey,
): Promise<readonly string[]> {
  const wrong = places.schema === places.archiveSchema ? inOneTransaction : throughJournal
  const rows = await query(
    `SELECT id, content, SUM(side = 'live') AS live_rows, SUM(side = 'moved') AS moved_rows,
        SUM(side = 'truth') AS true_rows FROM (${selectAll(places, table, tables)}) AS sides
      WHERE month NOT IN (?) GROUP BY id, content HAVING ${wrong} LIMIT 5`,
    [['', ...exportedMonths]],
  )
  return rows.map(
    (row) =>
      `${table.live} ${row.id} is ${row.live_rows} times in ${table.live} and ${row.moved_rows} times moved, but ${row.true_rows} times true: ${row.content}`,
  )
}

/** On one server a row is in one place, with one content. */
const inOneTransaction = 'live_rows + moved_rows <> true_rows'

/** On its way to another server a row may be in both; a copy that is left may be out of date until it is settled. */
const throughJournal =
  '(true_rows = 1 AND live_rows + moved_rows = 0) OR live_rows > true_rows OR moved_rows > 1'

/** Rows of the truth that are nowhere in the database, with their content. */
export async function listMissing(
  query: Query,
  places: Places,
  table: TruthTable,
): Promise<readonly TestRow[]> {
  const { tables } = await survey(query, places)
  return query(
    `SELECT id, content, MAX(month) AS month FROM (${selectAll(places, table, tables)}) AS sides
      GROUP BY id, content HAVING SUM(side = 'truth') = 1 AND SUM(side <> 'truth') = 0`,
  )
}

export function selectTruth({ schema }: Places, table: TruthTable): string {
  const age = liveAge(table, `\`${schema}\`.${orders.truth}`)
  return selectSide(table, { from: `\`${schema}\`.\`${table.truth}\``, age, side: 'truth' })
}

/** Every byte of every row of one kind, with its month; `-` for a row that has none. */
function selectAll(places: Places, table: TruthTable, tables: Survey['tables']): string {
  const { schema } = places
  const { live } = table
  const own = tables.filter(({ name }) => name.replace(/^rk_hold_/, '').startsWith(live))
  const sides = own.map((place) => {
    const isLive = place.schema === schema && place.name === live
    const age = isLive ? liveAge(table, `\`${schema}\`.orders`) : archiveAge(table)
    return selectSide(table, {
      from: `\`${place.schema}\`.\`${place.name}\``,
      age,
      side: isLive ? 'live' : 'moved',
    })
  })
  return [...sides, selectTruth(places, table)].join(' UNION ALL ')
}

function liveAge({ live }: TruthTable, ordersTable: string): string {
  return live === 'orders'
    ? 'created_at'
    : `(SELECT parent.created_at FROM ${ordersTable} AS parent WHERE parent.id = order_id)`
}

function selectSide(
  { columns }: TruthTable,
  { from, age, side }: { from: string; age: string; side: string },
): string {
  const cells = columns.map((column) => `COALESCE(HEX(CAST(${column} AS CHAR)), '-')`)
  return `SELECT id, CONCAT_WS('|', ${cells.join(', ')}) AS content, '${side}' AS side,
    COALESCE(DATE_FORMAT(${age}, '%Y-%m'), '-') AS month FROM ${from}`
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
  const at = (table: string) => `\`${archiveSchema}\`.\`${table}\``
  const rows = await query(
    `SELECT moved.id, moved.order_id FROM ${at(archiveTable(items))} AS moved
      JOIN ${at('rowkeeper_month')} AS ledger ON ledger.archive_table = '${archiveTable(items)}'
        AND ledger.month = DATE_FORMAT(moved.rowkeeper_age, '%Y-%m') AND ledger.state = 'open'
      LEFT JOIN ${at(archiveTable(orders))} AS belongs
        ON belongs.id = moved.order_id AND belongs.created_at = moved.rowkeeper_age
      WHERE belongs.id IS NULL LIMIT 5`,
  )
  return rows.map((row) => `item ${row.id} was moved, but its order ${row.order_id} is not in the same month`)
}
