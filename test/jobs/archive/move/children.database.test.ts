import { describe, expect } from 'vitest'
import { type ArchiveJob, test } from '../../../support/archive-job.ts'
import { readExact } from '../../../support/archive-tables.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { hoursAgo } from './orders.ts'

const ORDERS = 24
/** Two months, so that children are told apart by the month of their order. */
const ageOf = (order: number) => hoursAgo(24 * (order % 2 === 0 ? 420 : 455))

/** Orders with lines, lines with notes; a line is named by two columns, and its order by a key that is not primary. */
const tables = `
  CREATE TABLE orders (id INT PRIMARY KEY, number VARCHAR(10) NULL UNIQUE, created_at DATETIME NOT NULL,
    KEY by_created (created_at));
  CREATE TABLE order_lines (order_number VARCHAR(10) NOT NULL, line INT NOT NULL, item VARCHAR(20) NULL,
    PRIMARY KEY (order_number, line), FOREIGN KEY (order_number) REFERENCES orders (number));
  CREATE TABLE line_notes (id INT PRIMARY KEY AUTO_INCREMENT, order_number VARCHAR(10) NOT NULL, line INT NOT NULL,
    note TEXT NULL, FOREIGN KEY (order_number, line) REFERENCES order_lines (order_number, line) ON DELETE CASCADE)`

const children = [
  {
    table: 'order_lines',
    key: ['order_number'],
    children: [{ table: 'line_notes', key: ['order_number', 'line'], into: 'old_notes' }],
  },
]

/** The last order is young. Order n has n % 3 lines, each with two notes; without lines it has no number either. */
async function makeOrdersWithLines(database: TestDatabase): Promise<void> {
  await database.query(tables)
  const all = Array.from({ length: ORDERS }, (_, index) => index + 1)
  const orders = all.map((id) => [
    id,
    id % 3 === 0 && id < ORDERS ? null : `n-${id}`,
    id === ORDERS ? hoursAgo(1) : ageOf(id),
  ])
  const lines = all.flatMap((id) =>
    Array.from({ length: id === ORDERS ? 2 : id % 3 }, (_, line) => [`n-${id}`, line, `item ${line}`]),
  )
  const notes = lines.flatMap(([order, line]) => ['first', 'second'].map((note) => [order, line, note]))
  await database.query('INSERT INTO orders VALUES ?', [orders])
  await database.query('INSERT INTO order_lines VALUES ?', [lines])
  await database.query('INSERT INTO line_notes (order_number, line, note) VALUES ?', [notes])
}

const pairs = [
  ['orders', 'orders_archive', 'all'],
  ['order_lines', 'order_lines_archive', ['order_number', 'line', 'item']],
  ['line_notes', 'old_notes', ['id', 'order_number', 'line', 'note']],
] as const

async function readTogether(database: TestDatabase): Promise<readonly (readonly string[])[]> {
  const read: (readonly string[])[] = []
  for (const [live, archive, columns] of pairs) {
    read.push(
      [
        ...(await readExact(database, live, columns)),
        ...(await readExact(database, archive, columns)),
      ].toSorted(),
    )
  }
  return read
}

async function countMonths(job: ArchiveJob) {
  const months = await job.months()
  return months.map(({ archive_table, month, row_count, state }) => ({
    archive_table,
    month,
    row_count,
    state,
  }))
}

describe('children', () => {
  test('move with the row they belong to, two levels deep, into its month', async ({
    database,
    openArchive,
  }) => {
    await makeOrdersWithLines(database)
    const before = []
    for (const [live, , columns] of pairs) before.push(await readExact(database, live, columns))
    const job = await openArchive({
      job: { children, batch: { rows: 5 }, into: { table: 'orders_archive', monthsAhead: 0 } },
    })
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 0, counts: { archived: ORDERS - 1, deleted: ORDERS - 1 } })
    expect(await readTogether(database)).toEqual(before)
    const left =
      'SELECT (SELECT COUNT(*) FROM orders) o, (SELECT COUNT(*) FROM order_lines) l, (SELECT COUNT(*) FROM line_notes) n'
    expect(await database.query(left)).toEqual([{ o: '1', l: '2', n: '4' }])
    const strays = await database.query(`SELECT line.* FROM order_lines_archive AS line
        JOIN orders_archive ON number = order_number WHERE rowkeeper_age <> created_at
      UNION ALL SELECT note.id, note.line, note.note, note.rowkeeper_age FROM old_notes AS note
        JOIN orders_archive ON number = order_number WHERE rowkeeper_age <> created_at`)
    expect(strays).toEqual([])
    const counted =
      await database.query(`SELECT 'old_notes' AS archive_table, LEFT(rowkeeper_age, 7) AS month, CAST(COUNT(*) AS CHAR) AS row_count, 'open' AS state
        FROM old_notes GROUP BY 2 UNION ALL
      SELECT 'order_lines_archive', LEFT(rowkeeper_age, 7), COUNT(*), 'open' FROM order_lines_archive GROUP BY 2 UNION ALL
      SELECT 'orders_archive', LEFT(created_at, 7), COUNT(*), 'open' FROM orders_archive GROUP BY 2 ORDER BY 1, 2`)
    expect(await countMonths(job)).toEqual(counted)
  })
})
