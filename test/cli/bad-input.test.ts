import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect } from 'vitest'
import { type ReconcileShop, test } from '../support/reconcile-shop.ts'
import { normalise } from './normalise.ts'

interface Told {
  readonly exitCode: number | undefined
  /** Error and advice: on standard error, or on standard output when there is a result document. */
  readonly said: string
}

async function tell(
  shop: ReconcileShop,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Told> {
  const ended = await shop.runBinary([...words, '--quiet'], { environment })
  return { exitCode: ended.exitCode, said: normalise(ended.stdout + ended.stderr, shop) }
}

const seeded = [{ local: 'PENDING', external: 'PAID' }] as const

/** Whatever was wrong: no row was touched, and the service was asked to change nothing. */
async function expectUntouched(shop: ReconcileShop): Promise<void> {
  expect((await shop.rows()).map(({ status }) => status)).toEqual(['PENDING'])
  expect(shop.provider.state.mutations()).toEqual([])
}

async function writeConfig(shop: ReconcileShop, change: (text: string) => string): Promise<void> {
  await shop.configure({})
  const pretty = JSON.stringify(JSON.parse(await readFile(shop.configFile, 'utf8')), null, 1)
  await writeFile(shop.configFile, change(pretty))
}

describe('a configuration', () => {
  test('with a key that is not known, a value of another type, a variable that is not set', async ({
    shop,
  }) => {
    await shop.seed(seeded)
    await writeConfig(shop, (text) =>
      text
        .replace('"table"', '"tabel"')
        .replace('"kind": "reconcile"', '"kind": "reconcile",\n   "grace": 5'),
    )
    expect(await tell(shop, ['run', 'payments'], { PAY_TOKEN: '' })).toMatchInlineSnapshot(`
      {
        "exitCode": 78,
        "said": "error: The configuration has 4 problems:
        /etc/shop/rowkeeper.yaml:12 services.pay.auth.bearer: the environment variable PAY_TOKEN is empty; set it, or write \${env:PAY_TOKEN:-default}
        /etc/shop/rowkeeper.yaml:56 jobs.payments.table: required key is missing
        /etc/shop/rowkeeper.yaml:58 jobs.payments.grace: durations carry a unit: write 5s
        /etc/shop/rowkeeper.yaml:60 jobs.payments.tabel: unknown key; did you mean "table"? (config.invalid)
      Nothing was changed.
      next: Correct the file, then run: rowkeeper config check",
      }
    `)
    await expectUntouched(shop)
  })

  test('that is no YAML, or not there', async ({ shop }) => {
    await writeFile(shop.configFile, 'version: 1\ndatabases:\n  shop: { url: [ }\n')
    expect(await tell(shop, ['config', 'check'])).toMatchInlineSnapshot(`
      {
        "exitCode": 78,
        "said": "error: The configuration has 2 problems:
        /etc/shop/rowkeeper.yaml:3 not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]
        /etc/shop/rowkeeper.yaml:3 not valid YAML: Flow map in block collection must be sufficiently indented and end with a } (config.invalid)
      Nothing was changed.
      next: Correct the file, then run: rowkeeper config check",
      }
    `)
    expect(await tell(shop, ['run', 'payments', '-c', '/nowhere/rowkeeper.yaml'])).toMatchInlineSnapshot(`
      {
        "exitCode": 66,
        "said": "error: The configuration file /nowhere/rowkeeper.yaml cannot be read: there is no such file. (config.missing)
      Nothing was changed.
      next: Write one with: rowkeeper init. Or name another with: --config FILE",
      }
    `)
  })

  test('with a password in it works, and is warned about everywhere', async ({ shop }) => {
    await shop.seed(seeded)
    await shop.configure({ database: { url: shop.database.url } })
    const checked = await shop.runBinary(['config', 'check', '--format', 'json'])
    const planned = await shop.runBinary(['plan', 'payments', '--format', 'json'])
    for (const { exitCode, stdout } of [checked, planned]) {
      expect(exitCode).toBe(0)
      expect(JSON.parse(stdout).warnings).toContainEqual({
        code: 'config.inlineSecret',
        message: expect.stringMatching(
          /rowkeeper\.yaml:\d+ databases\.shop\.url: a secret stands in the file/,
        ),
      })
    }
  })
})

describe('a table', () => {
  test('that is not there', async ({ shop }) => {
    await shop.seed(seeded)
    await shop.configure({ job: { table: 'paymnets' } })
    expect(await tell(shop, ['run', 'payments'])).toMatchInlineSnapshot(`
      {
        "exitCode": 4,
        "said": "error: reconcile.tableMissing: There is no table shop.paymnets, or the account may not see it. (preflight.refused)
      next: Correct the job in the configuration, then run: rowkeeper config check

      refused after DURATION (run RUN, nothing was changed, exit code 4)",
      }
    `)
    await expectUntouched(shop)
  })

  test('without a column', async ({ shop }) => {
    await shop.seed(seeded)
    const columns = { reference: 'order_id', status: 'state', amount: 'amount', createdAt: 'created_at' }
    await shop.configure({ job: { columns } })
    expect(await tell(shop, ['run', 'payments'])).toMatchInlineSnapshot(`
      {
        "exitCode": 4,
        "said": "error: reconcile.columnMissing: shop.payments has no column state. It has: id, order_id, payment_key, status, amount, currency, created_at, updated_at, paid_at. (preflight.refused)
      next: Correct the job in the configuration, then run: rowkeeper config check

      refused after DURATION (run RUN, nothing was changed, exit code 4)",
      }
    `)
    await expectUntouched(shop)
  })

  test('whose status column is too narrow, or an ENUM without the member', async ({ shop }) => {
    await shop.seed(seeded)
    await shop.configure({ job: { write: { paid: 'PAID_AFTER_RECONCILIATION' } } })
    expect(await tell(shop, ['run', 'payments'])).toMatchInlineSnapshot(`
      {
        "exitCode": 4,
        "said": "error: reconcile.statusDoesNotFit: jobs.payments.write.paid: status holds 16 characters, "PAID_AFTER_RECONCILIATION" has 25. (preflight.refused)
      next: Correct jobs.payments in the configuration, then run: rowkeeper config check

      refused after DURATION (run RUN, nothing was changed, exit code 4)",
      }
    `)
    await shop.configure({})
    await shop.database.query(
      "ALTER TABLE payments MODIFY status ENUM('PENDING','UNKNOWN','PAID','FAILED','ROLLED_BACK') NOT NULL",
    )
    expect((await tell(shop, ['run', 'payments'])).said).toContain('has no member "REFUNDED"')
    await expectUntouched(shop)
  })

  test('without a primary key', async ({ shop }) => {
    await shop.seed(seeded)
    await shop.database.query('ALTER TABLE payments DROP PRIMARY KEY')
    expect(await tell(shop, ['run', 'payments'])).toMatchInlineSnapshot(`
      {
        "exitCode": 4,
        "said": "error: reconcile.keyMissing: shop.payments has no primary or unique key over exactly (id) without NULLs, so a row could not be told from another. (preflight.refused)
      next: Name a unique key under key:, or add one: ALTER TABLE payments ADD PRIMARY KEY (id)

      refused after DURATION (run RUN, nothing was changed, exit code 4)",
      }
    `)
    await expectUntouched(shop)
  })

  test('without an index on createdAt: the statement that makes one works', async ({ shop }) => {
    await shop.seed(seeded)
    await shop.database.query('ALTER TABLE payments DROP KEY payments_by_created_at')
    const refused = await tell(shop, ['run', 'payments'])
    expect(refused).toMatchInlineSnapshot(`
      {
        "exitCode": 4,
        "said": "error: reconcile.indexMissing: No index of payments begins with created_at, so every run would read the whole table (about 1 rows). (preflight.refused)
      next: CREATE INDEX payments_by_created_at ON payments (created_at)

      refused after DURATION (run RUN, nothing was changed, exit code 4)",
      }
    `)
    await expectUntouched(shop)
    const statement = /^next: (CREATE INDEX .*)$/m.exec(refused.said)?.[1] ?? ''
    await shop.database.query(statement)
    expect((await tell(shop, ['run', 'payments'])).exitCode).toBe(0)
  })
})

describe('a database', () => {
  const change = (shop: ReconcileShop, part: 'port' | 'password' | 'pathname', value: string) => {
    const url = new URL(shop.database.url)
    url[part] = value
    return { SHOP_URL: url.href }
  }

  test('that cannot be reached', async ({ shop }) => {
    expect(await tell(shop, ['run', 'payments'], change(shop, 'port', '9'))).toMatchInlineSnapshot(`
      {
        "exitCode": 69,
        "said": "error: While connecting to 127.0.0.1:9 as root: connect ECONNREFUSED 127.0.0.1:9. (database.notSent)
      next: Check that the server runs and that the URL is right. See what the server says with: rowkeeper doctor

      failed after DURATION (run RUN, nothing was changed, exit code 69)",
      }
    `)
  })

  test('that refuses the account', async ({ shop }) => {
    expect(
      await tell(shop, ['run', 'payments'], change(shop, 'password', 'mistyped')),
    ).toMatchInlineSnapshot(`
      {
        "exitCode": 77,
        "said": "error: While connecting to DATABASE as root: Access denied for user 'root'@'127.0.0.1' (using password: YES) (error 1045). (database.permission)
      next: The user or the password is wrong, or the account may not connect from here. Correct the url under databases, then run: rowkeeper doctor

      failed after DURATION (run RUN, nothing was changed, exit code 77)",
      }
    `)
  })

  test('that is not on the server', async ({ shop }) => {
    expect(
      await tell(shop, ['run', 'payments'], change(shop, 'pathname', '/no_such_db')),
    ).toMatchInlineSnapshot(`
      {
        "exitCode": 1,
        "said": "error: While connecting to DATABASE as root: Unknown database 'no_such_db' (error 1049). (database.definition)
      next: Correct the database name in the URL, or create the database. See: rowkeeper config show

      failed after DURATION (run RUN, nothing was changed, exit code 1)",
      }
    `)
  })

  test('without the control tables: plan works, run says how to make them', async ({ shop }) => {
    await shop.seed(seeded)
    for (const table of await shop.database.query("SHOW TABLES LIKE 'rowkeeper%'"))
      await shop.database.query(`DROP TABLE ${Object.values(table)[0]}`)
    expect((await tell(shop, ['plan', 'payments'])).exitCode).toBe(0)
    expect(await tell(shop, ['run', 'payments'])).toMatchInlineSnapshot(`
      {
        "exitCode": 4,
        "said": "error: rowkeeper's own tables are not in the schema shop. (state.missing)
      next: Make them once with: rowkeeper state install

      refused after DURATION (run RUN, nothing was changed, exit code 4)",
      }
    `)
    await expectUntouched(shop)
  })
})

describe('a service', () => {
  test('that refuses our credentials', async ({ shop }) => {
    await shop.seed(seeded)
    expect(await tell(shop, ['run', 'payments'], { PAY_TOKEN: 'mistyped' })).toMatchInlineSnapshot(`
      {
        "exitCode": 77,
        "said": "error: The service pay refused our credentials (HTTP 403): the token or the account is wrong, or may not read payments. No row was changed on that. (service.denied)
      next: Correct services.pay.auth, then run: rowkeeper doctor

      failed after DURATION (run RUN, nothing was changed, exit code 77)",
      }
    `)
    await expectUntouched(shop)
  })

  test('that answers nonsense to everything', async ({ shop }) => {
    await shop.seed(Array.from({ length: 12 }, () => seeded[0]))
    shop.provider.faults.add({ kind: 'html200' })
    const told = await tell(shop, ['run', 'payments'])
    // The breaker opens at the tenth; how many were under way by then is chance.
    const said = told.said.replace(/None of 1[0-2]/, 'None of SOME')
    expect({ ...told, said }).toMatchInlineSnapshot(`
      {
        "exitCode": 69,
        "said": "error: None of SOME answers of the service pay could be read; the first: HTML instead of JSON. No row was changed on that. (service.unreadable)
      next: Compare services.pay.lookup with what the service answers, then run: rowkeeper doctor

      failed after DURATION (run RUN, nothing was changed, exit code 69)",
      }
    `)
    expect(await shop.fixes()).toEqual([])
  })
})

describe('a command line', () => {
  test('with a job that is not configured', async ({ shop }) => {
    expect(await tell(shop, ['run', 'paymens'])).toMatchInlineSnapshot(`
      {
        "exitCode": 64,
        "said": "error: There is no job "paymens"; did you mean "payments"? (config.unknownJob)
      Nothing was changed.
      next: rowkeeper jobs list",
      }
    `)
  })

  test('with a command that is not there', async ({ shop }) => {
    expect(await tell(shop, ['plann', 'payments'])).toMatchInlineSnapshot(`
      {
        "exitCode": 64,
        "said": "error: unknown command 'plann'
      (Did you mean plan?)",
      }
    `)
  })

  const bad: readonly [readonly string[], number, RegExp][] = [
    [['run'], 64, /missing required argument 'job'/],
    [['run', 'payments', 'extra'], 64, /too many arguments/],
    [['run', 'payments', '--limit', '0'], 64, /--limit takes a whole number from 1, not "0"/],
    [['run', 'payments', '--limit', 'ten'], 64, /not "ten"/],
    [
      ['run', 'payments', '--max-runtime', '5'],
      64,
      /--max-runtime takes a duration such as 30s, 20m or 2h, not "5"/,
    ],
    [['run', 'payments', '--format', 'xml'], 64, /Allowed choices are text, json/],
    [
      ['run', 'payments', '--report', 'out.pdf'],
      64,
      /out\.pdf names no format[\s\S]*\.csv, \.json or \.html/,
    ],
    [['run', 'payments', '--report', '/nowhere/out.csv'], 64, /its folder does not exist/],
    [['run', 'payments', '--plan', '/nowhere/plan.json'], 66, /\/nowhere\/plan\.json could not be read/],
    [
      ['plan', 'payments', '-o', '/nowhere/plan.json'],
      1,
      /The plan could not be written to \/nowhere\/plan\.json/,
    ],
  ]
  for (const [words, exitCode, message] of bad) {
    test(`rowkeeper ${words.join(' ')}: exit ${exitCode}`, async ({ shop }) => {
      await shop.seed(seeded)
      const told = await tell(shop, words)
      expect(told.exitCode).toBe(exitCode)
      expect(told.said).toMatch(message)
      expect(told.said).not.toMatch(/foresee|at Object\.|node:internal/)
      await expectUntouched(shop)
    })
  }
})

test('the process ends when its result stands', async ({ shop }) => {
  await shop.seed(seeded)
  const run = shop.startBinary(['run', 'payments'])
  await run.says('succeeded in')
  const saidAt = performance.now()
  expect((await run.ended).exitCode).toBe(0)
  expect(performance.now() - saidAt).toBeLessThan(1000)
})
