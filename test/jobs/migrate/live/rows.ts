import type { TestDatabase } from '../../../support/database.ts'
import type { Written } from './writers.ts'

/** How the table differs from what the writers were told, in words. */
export async function findLost(database: TestDatabase, { rows }: Written): Promise<readonly string[]> {
  const found = await database.query('SELECT id, CAST(amount AS CHAR) AS amount FROM items')
  const there = new Map(found.map((row) => [Number(row.id), Number(row.amount)]))
  const lost = [...rows].flatMap(([id, amount]) =>
    there.get(id) === amount ? [] : [`row ${id} should have ${amount}, it has ${there.get(id)}`],
  )
  const added = [...there.keys()].flatMap((id) => (rows.has(id) ? [] : [`row ${id} should not be there`]))
  return [...lost, ...added]
}

/** Tables and triggers that a migration made and nobody needs any more. */
export async function findLeftovers(database: TestDatabase): Promise<readonly string[]> {
  const tables = await database.query("SHOW TABLES LIKE '%\\_\\_rk\\_%'")
  const triggers = await database.query("SHOW TRIGGERS WHERE `Trigger` LIKE '%\\_\\_rk\\_%'")
  return [
    ...tables.map((row) => String(Object.values(row)[0])),
    ...triggers.map(({ Trigger }) => String(Trigger)),
  ]
}
