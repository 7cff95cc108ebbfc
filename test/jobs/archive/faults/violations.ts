import type { TestDatabase } from '../../../support/database.ts'
import { readExportedRows } from './exported-rows.ts'
import { archiveAge, archiveTable, listMissing, look, type Places, type Query, selectTruth } from './look.ts'
import { type Layout, monthBefore, orders, tablesOf } from './tables.ts'

/** What is true when nobody writes any more and the last run ended well. */
export interface End {
  /** Months that an operator restored: their rows stay in the live table. */
  readonly pinned?: readonly string[]
  /** From so many months ago on, months were to leave the archive, each exported to a file. */
  readonly goneMonthsAgo?: number
  /** Months that left the archive are still held. */
  readonly held?: boolean
}

/** What of all that must hold after any fault does not: one sentence each; empty when all is well. */
export async function findViolations(
  { query }: Pick<TestDatabase, 'query'>,
  places: Places,
  end: End = {},
): Promise<readonly string[]> {
  return [
    ...((await look(query, places)) ?? ['tables come and go although nothing runs']),
    ...(await findStrangers(query, places)),
    ...(await findLeftBehind(query, places, end)),
    ...(await findLost(query, places, end)),
    ...(await findRowsOfOtherMonths(query, places)),
    ...(await findUncounted(query, places, end)),
    ...(await findIdsGivenTwice(query, places)),
    ...(await findLeftovers(query, places, end)),
  ]
}

const isEligible: Readonly<Record<Layout, string>> = {
  withItems: "status = 'DONE' AND created_at < UTC_TIMESTAMP() - INTERVAL 13 MONTH",
  // Whole months go without a condition.
  byMonth: 'created_at < UTC_TIMESTAMP() - INTERVAL 13 MONTH',
}

/** A3: what was moved was old enough and fulfilled the condition. */
async function findStrangers(query: Query, { archiveSchema, layout }: Places): Promise<readonly string[]> {
  const rows = await query(
    `SELECT id FROM \`${archiveSchema}\`.orders_archive WHERE NOT (${isEligible[layout]}) OR created_at IS NULL LIMIT 5`,
  )
  return rows.map(({ id }) => `order ${id} was moved although it should have stayed`)
}

/** And everything that should go went. */
async function findLeftBehind(
  query: Query,
  { schema, layout }: Places,
  { pinned = [] }: End,
): Promise<readonly string[]> {
  const rows = await query(
    `SELECT id, created_at FROM \`${schema}\`.orders
      WHERE ${isEligible[layout]} AND DATE_FORMAT(created_at, '%Y-%m') NOT IN (?) LIMIT 5`,
    [['', ...pinned]],
  )
  return rows.map(({ id, created_at }) => `order ${id} of ${created_at} was left behind`)
}

/** A7: what is nowhere any more was due to go, and is in a file, every byte of it; and files hold nothing else. */
async function findLost(query: Query, places: Places, { goneMonthsAgo }: End): Promise<readonly string[]> {
  const found: string[] = []
  const lastGone = goneMonthsAgo === undefined ? '' : monthBefore(goneMonthsAgo)
  for (const table of tablesOf(places.layout)) {
    const exported = await readExportedRows(places.exports, table)
    for (const { id, content, month } of await listMissing(query, places, table)) {
      if (!exported.has(String(content))) found.push(`${table.live} ${id} of ${month} is in no file either`)
      if (String(month) > lastGone) found.push(`${table.live} ${id} of ${month} went too early`)
    }
    const truths = new Set((await query(selectTruth(places, table))).map(({ content }) => String(content)))
    for (const content of exported)
      if (!truths.has(content)) found.push(`a file holds ${table.live} that are not true: ${content}`)
  }
  return found.slice(0, 5)
}

/** A6: each row lies in the partition of its month, also where the server was not asked to look. */
async function findRowsOfOtherMonths(query: Query, places: Places): Promise<readonly string[]> {
  const found: string[] = []
  for (const table of tablesOf(places.layout)) {
    const archive = `\`${places.archiveSchema}\`.\`${archiveTable(table)}\``
    const partitions = await query(
      `SELECT PARTITION_NAME AS name, PARTITION_DESCRIPTION AS bound FROM information_schema.PARTITIONS
        WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY PARTITION_ORDINAL_POSITION`,
      [places.archiveSchema, archiveTable(table)],
    )
    let from = "'0001-01-01'"
    for (const { name, bound } of partitions) {
      const isInside = `${archiveAge(table)} >= ${from} AND ${archiveAge(table)} < ${bound}`
      const rows = await query(
        `SELECT id FROM ${archive} PARTITION (\`${name}\`) WHERE NOT (${isInside}) LIMIT 5`,
      )
      found.push(
        ...rows.map(({ id }) => `${table.live} ${id} lies in the partition ${name} of another month`),
      )
      from = String(bound)
    }
  }
  return found
}

/** A5: all that is in the archive was accounted for. */
async function findUncounted(
  query: Query,
  { archiveSchema, layout }: Places,
  { held = false }: End,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const table of tablesOf(layout)) {
    const rows = await query(
      `SELECT DATE_FORMAT(${archiveAge(table)}, '%Y-%m') AS has, MAX(state) AS state FROM \`${archiveSchema}\`.\`${archiveTable(table)}\`
        LEFT JOIN \`${archiveSchema}\`.rowkeeper_month AS ledger ON ledger.archive_schema = ?
          AND ledger.archive_table = ? AND ledger.month = DATE_FORMAT(${archiveAge(table)}, '%Y-%m')
        GROUP BY has HAVING state IS NULL OR state NOT IN ('open', '${held ? 'held' : 'open'}')`,
      [archiveSchema, archiveTable(table)],
    )
    found.push(
      ...rows.map(({ has, state }) => `${has} of ${archiveTable(table)} is ${state ?? 'not in the ledger'}`),
    )
  }
  return found
}

/** A8: the live table counts on where it was, also when the row with the largest id is gone. */
async function findIdsGivenTwice(query: Query, { schema }: Places): Promise<readonly string[]> {
  const table = `\`${schema}\`.${orders.live}`
  await query(`INSERT INTO ${table} (status, amount, created_at) VALUES ('NEW', 0, UTC_TIMESTAMP())`)
  const [row] = await query(
    `SELECT LAST_INSERT_ID() AS next, (SELECT MAX(id) FROM \`${schema}\`.issued) AS last`,
  )
  await query(`DELETE FROM ${table} WHERE id = ?`, [row?.next])
  if (Number(row?.next) > Number(row?.last)) return []
  return [`the next order would have the id ${row?.next}, although ${row?.last} was given before`]
}

async function findLeftovers(
  query: Query,
  { schema, archiveSchema }: Places,
  { held = false }: End,
): Promise<readonly string[]> {
  const schemas = [...new Set([schema, archiveSchema])]
  const found: string[] = []
  for (const name of schemas) {
    const leases = await query(`SELECT name, holder FROM \`${name}\`.rowkeeper_lease`)
    found.push(...leases.map((lease) => `${lease.holder} still has the lease of ${lease.name}`))
    const journal = await query(`SELECT run_id, seq, state FROM \`${name}\`.rowkeeper_journal`)
    found.push(
      ...journal.map((entry) => `batch ${entry.run_id}/${entry.seq} is ${entry.state} in the journal`),
    )
  }
  if (held) return found
  const tables = await query(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES
      WHERE TABLE_SCHEMA IN (?) AND TABLE_NAME LIKE 'rk\\_%'`,
    [schemas],
  )
  return [...found, ...tables.map(({ name }) => `the table ${name} was left`)]
}
