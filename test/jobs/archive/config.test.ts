import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { archiveSchema } from '../../../jobs/archive/config.ts'
import { initialConfig } from '../../../src/config/init.ts'
import { parseConfig } from '../../../src/config/load.ts'
import { ConfigError } from '../../../src/config/problem.ts'
import { exitCodes } from '../../../src/lib/errors.ts'

const job = {
  kind: 'archive',
  database: 'shop',
  table: 'orders',
  age: { column: 'created_at', olderThan: '13 months' },
  into: { table: 'orders_archive' },
}

function parse(text: string) {
  return parseConfig({
    text,
    fileName: 'rowkeeper.yaml',
    environment: {},
    readSecretFile: () => 'mysql://root@127.0.0.1/shop',
    kinds: [{ kind: 'archive', schema: archiveSchema }],
  })
}

function configuration(own: Readonly<Record<string, unknown>>): string {
  const databases = { shop: { url: `\${file:url}` } }
  return stringify({ version: 1, databases, jobs: { 'old-orders': { ...job, ...own } } })
}

function problemsOf(own: Readonly<Record<string, unknown>>): readonly string[] {
  try {
    parse(configuration(own))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    expect(error.exitCode).toBe(exitCodes.badConfiguration)
    return error.message
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/^.*old-orders\./, ''))
  }
  return []
}

describe('the configuration of an archive job', () => {
  it('needs a table, an age and a place, and says the rest by itself', () => {
    const entry = parse(configuration({})).config.jobs['old-orders']
    expect(archiveSchema.parse(entry?.input)).toMatchObject({
      nullAge: 'keep',
      where: '',
      children: [],
      into: { monthsAhead: 3, keep: 'forever', hold: 7 * 24 * 3_600_000 },
      batch: { rows: 2000, targetTime: 500 },
      throttle: { maxReplicaLag: 5000, maxThreadsRunning: 50, maxHistoryLength: 1_000_000 },
    })
  })

  it.each([
    [
      { age: { column: 'a', olderThan: '13 month s' } },
      'age.olderThan: expected a period such as 13 months, 90 days or 2 years, found "13 month s"',
    ],
    [{ age: { column: 'a', olderThen: '1 year' } }, 'age.olderThen: unknown key; did you mean "olderThan"?'],
    [
      { age: { column: 'a', olderThan: '1 year', timeZone: 'Asia/Soul' } },
      'age.timeZone: unknown time zone "Asia/Soul"; write a name such as Asia/Seoul, UTC, or an offset such as +05:45',
    ],
    [
      { age: { column: 'a', olderThan: '1 year', unit: 'hours' } },
      'age.unit: expected one of seconds, milliseconds, found "hours"',
    ],
    [{ where: "status IN ('A'" }, 'where: the parentheses of the predicate do not match'],
    [
      { into: { table: 'a', keep: '60 monhts' } },
      'into.keep: expected forever, or a period such as 60 months, found "60 monhts"',
    ],
    [
      { into: { table: 'a', hold: '1 month' } },
      'into.hold: months and years have no fixed length: write days, such as 30 days',
    ],
    [
      { into: { table: 'a', database: 'shpo' } },
      'into.database: there is no database "shpo" under databases; did you mean "shop"?',
    ],
    [
      { into: { table: 'a', export: { folder: '' } } },
      'into.export.folder: expected the path of a folder, found nothing',
    ],
    [
      { into: { table: 'a', export: { folder: '/x', format: 'tsv' } } },
      'into.export.format: expected one of csv, ndjson, found "tsv"; did you mean "csv"?',
    ],
    [{ into: 'a' }, 'into: expected a mapping, found "a"'],
    [
      { children: [{ table: 'items', key: 'order_id' }] },
      'children[0].key: expected a list, found "order_id"',
    ],
    [
      { children: [{ table: 'items', key: [] }] },
      'children[0].key: expected at least 1 in the list, found 0',
    ],
    [{ batch: { rows: 0 } }, 'batch.rows: expected a whole number from 1, found 0'],
  ])('refuses %j', (own, problem) => {
    expect(problemsOf(own)).toContain(`${problem}`)
  })

  it('reads the example of the first configuration', () => {
    const example = initialConfig().split('# old-orders:\n')[1]?.split('\n\n')[0] ?? ''
    const own = example.replaceAll(/^ {2}# {3}/gm, '    ')
    const text = `version: 1\ndatabases:\n  shop:\n    url: \${file:url}\njobs:\n  old-orders:\n${own}`
    expect(Object.keys(parse(text).config.jobs)).toEqual(['old-orders'])
  })
})
