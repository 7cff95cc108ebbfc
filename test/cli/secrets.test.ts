import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { expect } from 'vitest'
import type { CommandEnded } from '../support/cli.ts'
import { type ReconcileShop, test } from '../support/reconcile-shop.ts'

/** Long enough that no accident contains them. */
const PASSWORD = 'Pa55-of-the-shop/with+odd=chars'
const TOKEN = 'tok-7f1c9e5a-never-printed'

async function createAccount({ database }: ReconcileShop): Promise<string> {
  const name = database.name.slice(0, 30)
  await database.query(
    `DROP USER IF EXISTS '${name}'@'%'; CREATE USER '${name}'@'%' IDENTIFIED BY '${PASSWORD}';
     GRANT ALL ON ${database.name}.* TO '${name}'@'%'`,
  )
  const url = new URL(database.url)
  url.username = name
  url.password = encodeURIComponent(PASSWORD)
  return url.href
}

/** What the server shows of our statements while a command works. */
async function watchStatements({ database }: ReconcileShop) {
  const observer = await createConnection({ uri: database.url.replace(/[^/]*$/, 'information_schema') })
  const seen = new Set<string>()
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      const [rows] = await observer.query('SELECT INFO FROM PROCESSLIST WHERE INFO IS NOT NULL')
      for (const { INFO } of rows as { INFO: string }[]) seen.add(INFO)
    }
  })()
  return async () => {
    isOver = true
    await watching
    await observer.end()
    return [...seen]
  }
}

test('passwords and tokens appear nowhere, whatever goes wrong', async ({ shop }) => {
  const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-secrets-'))
  const SHOP_URL = await createAccount(shop)
  await shop.seed([
    { local: 'PENDING', external: 'PAID' },
    { local: 'FAILED', external: 'PAID' },
    { local: 'PAID', external: 'FAILED' },
  ])
  const good = { SHOP_URL }
  const unreachable = { SHOP_URL: SHOP_URL.replace(/:\d+\//, ':9/') }
  const denied = { SHOP_URL: SHOP_URL.replace('rkt_', 'rkx_') }
  const refused = { ...good, PAY_TOKEN: TOKEN }
  const file = (name: string) => join(folder, name)
  const commands: readonly [readonly string[], Readonly<Record<string, string>>][] = [
    [['config', 'show'], refused],
    [['config', 'show', '--format', 'json'], refused],
    [['plan', 'payments', '-o', file('plan.json'), '--report', file('plan.csv')], good],
    [['run', 'payments', '--format', 'json', '--progress', 'json'], refused],
    [['run', 'payments', '--report', file('run.json'), '--progress', 'json'], good],
    [['review', 'list', 'payments', '--format', 'json'], good],
    [['run', 'payments'], unreachable],
    [['run', 'payments', '--format', 'json'], denied],
  ]
  const stopWatching = await watchStatements(shop)
  const ended: CommandEnded[] = []
  for (const [words, environment] of commands) {
    ended.push(await shop.runBinary(words, { environment: { ...environment, NODE_DEBUG: 'rowkeeper' } }))
  }
  // A statement of the configuration that the server cannot parse: its error quotes what is near.
  await shop.configure({ job: { where: 'no_such_column = 1' } })
  ended.push(await shop.runBinary(['run', 'payments', '--format', 'json'], { environment: good }))
  const statements = await stopWatching()
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(file(name), 'utf8')))
  const stored = await readControlTables(shop)
  const printed = ended.map(({ stdout, stderr }) => stdout + stderr)
  expect(files.length).toBe(3)
  expect(statements.join()).toContain('rowkeeper')
  for (const text of [...printed, ...statements, ...files, stored]) {
    expect(text).not.toContain(PASSWORD)
    expect(text).not.toContain(encodeURIComponent(PASSWORD))
    expect(text).not.toContain(TOKEN)
    expect(text).not.toContain(shop.environment.PAY_TOKEN)
  }
  expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 77, 3, 0, 69, 77, 1])
  await rm(folder, { recursive: true })
  await shop.database.query(`DROP USER '${shop.database.name.slice(0, 30)}'@'%'`)
})

async function readControlTables({ database }: ReconcileShop): Promise<string> {
  const tables = await database.query("SHOW TABLES LIKE 'rowkeeper%'")
  const rows = []
  for (const table of tables) rows.push(await database.query(`SELECT * FROM ${Object.values(table)[0]}`))
  return JSON.stringify(rows)
}
