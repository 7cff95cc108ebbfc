import { never } from '../../src/lib/abort.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { TestDatabase, TestRow } from './database.ts'
import { openSession, type TestSession } from './session.ts'

/**
 * Every row of a table as text that says exactly what is stored, sorted: text and binary as bytes, floats with all
 * their digits. Two equal lists are equal tables; independent of the checksums under test.
 */
export async function readExact(
  database: TestDatabase,
  table: string,
  columns: 'all' | readonly string[] = 'all',
): Promise<readonly string[]> {
  const known = await database.query(
    `SELECT COLUMN_NAME AS name, DATA_TYPE AS type FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY COLUMN_NAME`,
    [database.name, table],
  )
  const wanted = known.filter(({ name }) => columns === 'all' || columns.includes(String(name)))
  const cells = wanted.map(({ name, type }) => `${exactText(String(type), `\`${name}\``)} AS \`${name}\``)
  const rows = await database.query(`SELECT ${cells.join(', ')} FROM \`${table}\``)
  return rows.map((row) => JSON.stringify(row)).toSorted()
}

const floats = ['float', 'double']
const texts = /char|text|binary|blob|enum|set|json|vector/
const shapes = /geometry|point|linestring|polygon/

function exactText(type: string, column: string): string {
  if (type === 'bit') return `HEX(${column} + 0)`
  // The bits: as text MySQL leaves out the last digit of some.
  if (floats.includes(type)) return `HEX(ST_AsBinary(POINT(${column}, 0)))`
  if (shapes.test(type)) return `HEX(ST_AsBinary(${column}))`
  return texts.test(type) ? `HEX(CAST(${column} AS BINARY))` : `CAST(${column} AS CHAR)`
}

export interface Observed {
  /** How often it looked. */
  readonly looks: number
  /** Rows that were in none of the places, or in several, at one instant; a few of them in words. */
  readonly violations: readonly string[]
}

export interface Observer {
  stop(): Promise<Observed>
}

export interface ObserveOptions {
  /** The table that holds the rows when it begins. */
  readonly of: string
  readonly key: readonly string[]
  /** Where each of them must be in exactly one of, at every instant. A table that does not exist holds none. */
  readonly places: readonly string[]
  /** Which rows are watched; default all. Leave out those that the test's own writers delete. */
  readonly where?: string
}

/** Looks again and again, each time at one instant, until it is stopped. */
export async function observe(database: TestDatabase, options: ObserveOptions): Promise<Observer> {
  const session = await openSession(database.url)
  const watched = `watched_${options.of}`
  const key = options.key.map((column) => `\`${column}\``).join(', ')
  await session.query(`DROP TABLE IF EXISTS \`${watched}\``)
  await session.query(
    `CREATE TABLE \`${watched}\` (PRIMARY KEY (${key})) SELECT ${key} FROM \`${options.of}\` WHERE ${options.where ?? 'TRUE'}`,
  )
  const over = new AbortController()
  const looking = lookUntil(session, watched, options, over.signal)
  return {
    async stop() {
      over.abort()
      const observed = await looking
      await session.query(`DROP TABLE \`${watched}\``)
      await session.close()
      return observed
    },
  }
}

const PAUSE_MS = 2

async function lookUntil(
  session: TestSession,
  watched: string,
  options: ObserveOptions,
  over: AbortSignal,
): Promise<Observed> {
  const violations: string[] = []
  let looks = 0
  // One look more after the end: what it left must hold too.
  for (let isLast = false; !isLast; ) {
    isLast = over.aborted
    const found = await look(session, watched, options)
    if (found === 'tablesChanged') isLast = false
    else {
      looks += 1
      violations.push(...found.map((row) => JSON.stringify(row)))
    }
    if (!isLast) await systemClock.sleep(PAUSE_MS, never)
  }
  return { looks, violations: [...new Set(violations)].slice(0, 10) }
}

/** A look during which a table came or went says nothing. Under READ COMMITTED one statement sees one instant. */
async function look(
  session: TestSession,
  watched: string,
  { key, places }: ObserveOptions,
): Promise<readonly TestRow[] | 'tablesChanged'> {
  const before = await existing(session, places)
  const counts = before.map((place) => {
    const same = key.map((column) => `held.\`${column}\` = watched.\`${column}\``).join(' AND ')
    return `(SELECT COUNT(*) FROM \`${place}\` AS held WHERE ${same})`
  })
  const columns = key.map((column) => `watched.\`${column}\``).join(', ')
  const found = await session
    .query(
      `SELECT ${columns}, ${counts.join(' + ')} AS times FROM \`${watched}\` AS watched HAVING times <> 1 LIMIT 5`,
    )
    .catch((error: { errno?: number }) => {
      if (tablesChangedErrors.includes(error.errno ?? 0)) return 'tablesChanged' as const
      throw error
    })
  const after = await existing(session, places)
  return before.join() === after.join() ? found : 'tablesChanged'
}

/** No such table; definition changed, retry; no such partition. */
const tablesChangedErrors = [1146, 1412, 1735]

async function existing(session: TestSession, places: readonly string[]): Promise<readonly string[]> {
  const rows = await session.query(
    `SELECT TABLE_NAME AS name, CREATE_TIME AS made FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN (?) ORDER BY TABLE_NAME`,
    [places],
  )
  return rows.map(({ name }) => String(name))
}
