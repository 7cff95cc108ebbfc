import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { never } from '../../../src/lib/abort.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import type { TestDatabase } from '../../support/database.ts'
import { test } from '../../support/migrate-job.ts'
import { openSession } from '../../support/session.ts'
import { findLeftovers } from './live/rows.ts'

/**
 * Every folder is a case: create.sql, alter.sql, what is expected, and perhaps load.sql, which runs again and again beside the
 * migration until the table is locked. The truth is the server's own ALTER of the retired table.
 */
const root = 'test/cases/migrate'

interface Case {
  readonly name: string
  readonly create: string
  readonly alter: string
  readonly load: string | undefined
  readonly expected: ReadonlyMap<string, string>
  readonly job: Readonly<Record<string, unknown>>
}

function readCase(name: string): Case {
  const read = (file: string) => {
    const path = join(root, name, file)
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  }
  const lines = (read('expect') ?? '').trim().split('\n')
  return {
    name,
    create: read('create.sql') ?? '',
    alter: (read('alter.sql') ?? '').trim(),
    load: read('load.sql'),
    expected: new Map(
      lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    ),
    job: JSON.parse(read('job.json') ?? '{}'),
  }
}

function tableOf({ create }: Case): string {
  return (/^CREATE TABLE `((?:[^`]|``)+)` \(\n/m.exec(create)?.[1] ?? '').replaceAll('``', '`')
}

const quote = (name: string) => `\`${name.replaceAll('`', '``')}\``

/** Every value by its bytes, in an order that both tables have. */
async function readRows(database: TestDatabase, table: string): Promise<readonly string[]> {
  const columns = await database.query(`SHOW COLUMNS FROM ${quote(table)}`)
  const cells = columns.map(({ Field, Type }) => {
    const name = quote(String(Field))
    const isNumber = /^(bit|float|double|decimal|(tiny|small|medium|big)?int)/.test(String(Type))
    return isNumber ? `IFNULL(CONCAT(${name} + 0), '-')` : `IFNULL(HEX(${name}), '-')`
  })
  const rows = await database.query(
    `SELECT CONCAT_WS('|', ${cells.join(', ')}) AS cells FROM ${quote(table)}`,
  )
  return rows.map((row) => String(row.cells)).toSorted()
}

async function readDefinition(database: TestDatabase, table: string): Promise<string> {
  const [row] = await database.query(`SHOW CREATE TABLE ${quote(table)}`)
  const [head = '', ...lines] = String(row?.['Create Table'])
    .replace(/ AUTO_INCREMENT=\d+/, '')
    // Names of constraints differ, and LIKE leaves foreign keys out.
    .replace(/CONSTRAINT `[^`]+` CHECK/g, 'CHECK')
    .split('\n')
  const kept = lines.filter((line) => !line.includes('FOREIGN KEY')).map((line) => line.replace(/,$/, ''))
  return [head.replace(/`.*`/, 'TABLE'), ...kept.toSorted()].join('\n')
}

async function repeat(url: string, statements: string, over: AbortSignal): Promise<void> {
  const session = await openSession(url)
  try {
    while (!over.aborted) {
      for (const statement of statements.split(';\n').filter((text) => text.trim() !== ''))
        if (!over.aborted) await session.query(statement).catch(() => {})
      await systemClock.sleep(5, never)
    }
  } finally {
    await session.close()
  }
}

describe('cases', () => {
  for (const one of readdirSync(root).toSorted().map(readCase)) {
    test(one.name, async ({ database, openMigrate, skip }) => {
      const [server] = await database.query('SELECT VERSION() AS version')
      const family = String(server?.version).toLowerCase().includes('mariadb') ? 'mariadb' : 'mysql'
      if ((one.expected.get('servers') ?? family) !== family) skip()
      await database.query(one.create)
      const table = tableOf(one)
      const before = await database.query(`SHOW CREATE TABLE ${quote(table)}`)
      const [status] = await database.query('SHOW TABLE STATUS WHERE Name = ?', [table])
      const job = await openMigrate({
        job: { table, alter: one.alter, strategy: 'copy', chunk: { rows: 2 }, ...one.job },
      })
      const over = new AbortController()
      const loading = one.load === undefined ? undefined : repeat(database.url, one.load, over.signal)
      const { result } = await job.run({
        async reach(point) {
          if (point === 'migrate.way-back-made') over.abort()
        },
      })
      over.abort()
      await loading
      const refusal = one.expected.get('refused')
      if (refusal !== undefined) {
        expect(result).toMatchObject({ exitCode: 4, error: { code: refusal } })
        expect(await database.query(`SHOW CREATE TABLE ${quote(table)}`)).toEqual(before)
        expect(await findLeftovers(database)).toEqual([])
        return
      }
      expect(result.error).toBeUndefined()
      await expectLikeNative(database, one, table)
      const [after] = await database.query('SHOW TABLE STATUS WHERE Name = ?', [table])
      expect(Number(after?.Auto_increment ?? 0)).toBeGreaterThanOrEqual(Number(status?.Auto_increment ?? 0))
    }, 60_000)
  }
})

async function expectLikeNative(database: TestDatabase, { alter }: Case, table: string): Promise<void> {
  const retired = `${table}__rk_old`
  await database.query(
    `SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES'; CREATE TABLE rk_twin LIKE ${quote(retired)}`,
  )
  const columns = await database.query(`SHOW COLUMNS FROM ${quote(retired)}`)
  const stored = columns
    .filter(({ Extra }) => !/GENERATED(?!\S)/.test(String(Extra).replace('DEFAULT_GENERATED', '')))
    .map(({ Field }) => quote(String(Field)))
    .join(', ')
  await database.query(`INSERT INTO rk_twin (${stored}) SELECT ${stored} FROM ${quote(retired)}`)
  // What LIKE has left out cannot be dropped.
  const clauses = alter.replace(/DROP FOREIGN KEY \w+/, 'FORCE')
  await database.query(`ALTER TABLE rk_twin ${clauses}`)
  expect(await readRows(database, table)).toEqual(await readRows(database, 'rk_twin'))
  expect(await readDefinition(database, table)).toBe(await readDefinition(database, 'rk_twin'))
}
