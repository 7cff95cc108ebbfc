import { describe, expect } from 'vitest'
import { startCommand } from '../support/cli.ts'
import { type TestDatabase, test } from '../support/database.ts'

async function run(database: TestDatabase, words: readonly string[], url = database.url) {
  const ended = await startCommand({ words: [...words, '--quiet'], environment: { ROWKEEPER_URL: url } })
    .ended
  const { password } = new URL(database.url)
  expect(ended.stdout + ended.stderr).not.toContain(password)
  return ended
}

describe('migrate without a configuration file', () => {
  test('plans, runs, shows, takes back and ends', async ({ database }) => {
    await database.query(
      'CREATE TABLE film (id INT PRIMARY KEY, title VARCHAR(60)); INSERT INTO film VALUES (1, "a")',
    )
    const alter = ['--table', 'film', '--alter', 'MODIFY COLUMN title VARCHAR(300) NOT NULL']
    const planned = await run(database, ['migrate', 'plan', ...alter])
    expect(planned.exitCode).toBe(0)
    expect(planned.stdout).toContain('next: rowkeeper migrate run film')
    expect(await database.query('SHOW TABLES')).toHaveLength(1)
    const done = await run(database, ['migrate', 'run', ...alter])
    expect(done.exitCode).toBe(0)
    expect(done.stderr).toContain('making them in')
    expect(done.stdout).toContain('next: rowkeeper migrate revert film')
    expect((await run(database, ['migrate', 'status', 'film'])).stdout).toContain('has been swapped')
    expect((await run(database, ['migrate', 'revert', 'film'])).exitCode).toBe(0)
    expect(
      (await run(database, ['migrate', 'finish', '--table', 'film', '--confirm', 'film'])).exitCode,
    ).toBe(0)
    expect(await database.query("SHOW COLUMNS FROM film LIKE 'title'")).toMatchObject([{ Null: 'YES' }])
  }, 60_000)

  test('takes names and texts as they are', async ({ database }) => {
    await database.query('CREATE TABLE `fi$lm é` (id INT PRIMARY KEY)')
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the text
    const alter = "ADD COLUMN note VARCHAR(40) NOT NULL DEFAULT '${env:HOME}'"
    const done = await run(database, ['migrate', 'run', '--table', 'fi$lm é', '--alter', alter])
    expect(done.exitCode).toBe(0)
    const [column] = await database.query("SHOW COLUMNS FROM `fi$lm é` LIKE 'note'")
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the text
    expect(column?.Default).toBe('${env:HOME}')
  }, 60_000)

  test('says what is missing or wrong', async ({ database }) => {
    const refused = async (words: readonly string[], url?: string) => {
      const { exitCode, stdout, stderr } = await run(database, ['migrate', ...words], url)
      return [exitCode, (stdout + stderr).split('\n').find((line) => line.startsWith('error'))]
    }
    expect(await refused(['run', '--table', 'film'])).toEqual([
      64,
      'error: migrate run does not know what is to be changed. (usage.invalid)',
    ])
    expect(await refused(['status'])).toEqual([
      64,
      'error: With a URL the table must be named: --table. (usage.invalid)',
    ])
    const noTable = await refused(['run', 'film', '--alter', 'ADD COLUMN note INT'])
    expect(noTable[0]).toBe(4)
    expect((await refused(['status', 'film'], 'mysql://root:other@127.0.0.1:1/shop'))[0]).toBe(69)
    expect((await refused(['status', 'film'], 'postgres://root@127.0.0.1/shop'))[0]).toBe(78)
  }, 60_000)
})
