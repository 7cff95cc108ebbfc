import type { Random } from '../../../../src/lib/random.ts'
import type { Layout } from './tables.ts'
import type { Change, Touched, Writer } from './writers.ts'

/** What an application does to rows that may be on their way into the archive. */
export const changes: readonly { readonly layouts: readonly Layout[]; readonly make: Change }[] = [
  everywhere((writer) => insertOrders(writer, { rows: 1 + pick(writer.random, 3), age: ago(0) })),
  everywhere((writer) =>
    insertOrders(writer, { rows: 1 + pick(writer.random, 3), age: ago(14 + pick(writer.random, 4)) }),
  ),
  everywhere((writer) => insertOrders(writer, { rows: 12, age: ago(14 + pick(writer.random, 4)) })),
  everywhere((writer) => updateOrders(writer, "status = 'OPEN', note = CONCAT(COALESCE(note, ''), 'o')", 3)),
  everywhere((writer) => updateOrders(writer, "status = 'DONE', amount = amount + 1", 3)),
  everywhere((writer) => updateOrders(writer, "status = 'OPEN'", 40)),
  everywhere((writer) => updateOrders(writer, 'created_at = UTC_TIMESTAMP() - INTERVAL 1 DAY', 2)),
  everywhere((writer) => updateOrders(writer, 'created_at = UTC_TIMESTAMP() - INTERVAL 15 MONTH', 2)),
  everywhere((writer) => deleteOrders(writer, 1 + pick(writer.random, 3))),
  withItems((writer) => updateOrders(writer, 'created_at = NULL', 1)),
  withItems(insertItems),
  withItems((writer) => changeItems(writer, "name = CONCAT('renamed ', id)")),
  withItems(moveItems),
  withItems((writer) => changeItems(writer, 'deleted')),
]

function everywhere(make: Change) {
  return { layouts: ['withItems', 'byMonth'] as const, make }
}

function withItems(make: Change) {
  return { layouts: ['withItems'] as const, make }
}

function ago(months: number): () => string {
  return () => `UTC_TIMESTAMP() - INTERVAL ${months} MONTH`
}

/** Rows of one statement have consecutive ids. `age` is SQL. */
export async function insertOrders(
  { session }: Pick<Writer, 'session'>,
  { rows, age }: { readonly rows: number; readonly age: (index: number) => string },
): Promise<Touched> {
  const values = Array.from(
    { length: rows },
    (_, index) => `('DONE', 'live ${index}', ${index}, ${age(index)})`,
  )
  await session.change(`INSERT INTO orders (status, note, amount, created_at) VALUES ${values.join(', ')}`)
  return { orders: await insertedIds(session, rows) }
}

/** One item for each order. */
export async function insertItemsOf(
  { session }: Pick<Writer, 'session'>,
  { orders = [] }: Touched,
): Promise<Touched> {
  const rows = orders.map((order) => [order, `item of ${order}`])
  await session.change('INSERT INTO items (order_id, name) VALUES ?', [rows])
  return { items: await insertedIds(session, rows.length) }
}

async function insertedIds(session: Writer['session'], rows: number): Promise<readonly string[]> {
  const [row] = await session.query('SELECT CAST(LAST_INSERT_ID() AS CHAR) AS first')
  const first = BigInt(String(row?.first))
  return Array.from({ length: rows }, (_, index) => String(first + BigInt(index)))
}

async function updateOrders(writer: Writer, assignment: string, rows: number): Promise<Touched> {
  const ids = await lockSome(writer, 'orders', rows)
  if (ids.length > 0) await writer.session.change(`UPDATE orders SET ${assignment} WHERE id IN (?)`, [ids])
  return { orders: ids }
}

async function deleteOrders(writer: Writer, rows: number): Promise<Touched> {
  const { session, layout } = writer
  const ids = await lockSome(writer, 'orders', rows)
  if (ids.length === 0) return {}
  const items =
    layout === 'withItems'
      ? idsOf(await session.query('SELECT id FROM items WHERE order_id IN (?) FOR UPDATE', [ids]))
      : []
  if (items.length > 0) await session.change('DELETE FROM items WHERE id IN (?)', [items])
  await session.change('DELETE FROM orders WHERE id IN (?)', [ids])
  return { orders: ids, items }
}

async function insertItems({ session, random }: Writer): Promise<Touched> {
  const order = await somewhere({ session, random }, 'orders')
  await session.change("INSERT INTO items (order_id, name) VALUES (?, 'live 1'), (?, 'live 2')", [
    order,
    order,
  ])
  return { items: await insertedIds(session, 2) }
}

async function changeItems(writer: Writer, what: string): Promise<Touched> {
  const ids = await lockSome(writer, 'items', 2)
  if (ids.length === 0) return {}
  const statement = what === 'deleted' ? 'DELETE FROM items' : `UPDATE items SET ${what}`
  await writer.session.change(`${statement} WHERE id IN (?)`, [ids])
  return { items: ids }
}

/** To another order, which may be of another month, or on its way. */
async function moveItems(writer: Writer): Promise<Touched> {
  const ids = await lockSome(writer, 'items', 2)
  if (ids.length === 0) return {}
  await writer.session.change('UPDATE items SET order_id = ? WHERE id IN (?)', [
    await somewhere(writer, 'orders'),
    ids,
  ])
  return { items: ids }
}

/** Ids next to each other that are still there. */
async function lockSome(
  writer: Pick<Writer, 'session' | 'random'>,
  table: 'orders' | 'items',
  rows: number,
): Promise<readonly string[]> {
  const first = await somewhere(writer, table)
  const wanted = Array.from({ length: rows }, (_, index) => first + index)
  return idsOf(await writer.session.query(`SELECT id FROM ${table} WHERE id IN (?) FOR UPDATE`, [wanted]))
}

/** Any id from the first to a little beyond the last there is. */
async function somewhere(
  { session, random }: Pick<Writer, 'session' | 'random'>,
  table: 'orders' | 'items',
): Promise<number> {
  const [row] = await session.query(`SELECT MAX(id) AS last FROM ${table}`)
  return 1 + pick(random, Number(row?.last ?? 0) + 2)
}

function idsOf(rows: readonly Record<string, unknown>[]): readonly string[] {
  return rows.map(({ id }) => String(id))
}

function pick({ fraction }: Random, count: number): number {
  return Math.floor(fraction() * count)
}
