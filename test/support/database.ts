import { createHash } from 'node:crypto'
import { type Connection, createConnection } from 'mysql2/promise'
import { test as base } from 'vitest'
import { never } from '../../src/lib/abort.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { testServer } from './test-server.ts'

export type TestRow = Record<string, unknown>

/** A database of one test alone. Named after the test, so a failed one is found again: `SHOW DATABASES LIKE 'rkt_%'`. */
export interface TestDatabase {
  readonly name: string
  /** `mysql://root:…@127.0.0.1:port/name`. */
  readonly url: string
  /** As root, over a connection of its own; several statements may be given. Answers the rows of the last one. */
  query(sql: string, values?: readonly unknown[]): Promise<TestRow[]>
}

/** Drops the database when the test passed, keeps it when it failed, and fails a test that left sessions open. */
export const test = base.extend<{ database: TestDatabase }>({
  database: async ({ task }, use) => {
    const server = testServer()
    const name = nameDatabase(server.family, task.file.filepath, fullName(task))
    const connection = await createConnection({
      uri: server.url,
      multipleStatements: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
      timezone: 'Z',
    })
    try {
      await connection.query(`DROP DATABASE IF EXISTS ${name}; CREATE DATABASE ${name} CHARACTER SET utf8mb4`)
      await connection.query(`USE ${name}`)
      await use({ name, url: `${server.url}${name}`, query: (sql, values) => query(connection, sql, values) })
      await expectNoSessions(connection, name)
      if (task.result?.state !== 'fail') await connection.query(`DROP DATABASE ${name}`)
    } finally {
      await connection.end()
    }
  },
})

interface Named {
  readonly name: string
  readonly suite?: Named | undefined
}

function fullName({ name, suite }: Named): string {
  return suite === undefined ? name : `${fullName(suite)} > ${name}`
}

function nameDatabase(...parts: readonly string[]): string {
  return `rkt_${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16)}`
}

async function query(
  connection: Connection,
  sql: string,
  values: readonly unknown[] = [],
): Promise<TestRow[]> {
  const [result] = await connection.query(sql, [...values])
  const last = Array.isArray(result) && Array.isArray(result.at(-1)) ? result.at(-1) : result
  return Array.isArray(last) ? (last as TestRow[]) : []
}

/** The server takes a moment to forget a connection that was closed. */
const SESSION_PATIENCE_MS = 2000
const PAUSE_MS = 50

async function expectNoSessions(connection: Connection, name: string): Promise<void> {
  const deadline = systemClock.elapsed() + SESSION_PATIENCE_MS
  for (;;) {
    const left = await query(
      connection,
      'SELECT ID, COMMAND, INFO FROM information_schema.PROCESSLIST WHERE DB = ? AND ID <> CONNECTION_ID()',
      [name],
    )
    if (left.length === 0) return
    if (systemClock.elapsed() > deadline) {
      throw new Error(`the test left sessions open on ${name}: ${JSON.stringify(left)}`)
    }
    await systemClock.sleep(PAUSE_MS, never)
  }
}
