import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, describe, expect } from 'vitest'
import { type CommandEnded, readDocument, startCommand } from '../support/cli.ts'

/** A folder of its own for everything temporary, so that what is left behind can be seen. */
const test = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'rk-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
})

function startDemo(folder: string, ...words: readonly string[]) {
  const { ROWKEEPER_SERVER = '' } = process.env
  return startCommand({ words: ['demo', ...words], environment: { TMPDIR: folder, ROWKEEPER_SERVER } })
}

function readActs(ended: CommandEnded): readonly { result: Record<string, unknown>; exitCode: number }[] {
  const document: unknown = readDocument(ended)
  return (document as { acts: ReturnType<typeof readActs> }).acts
}

/** The shop has three orders for each of 400 payments, and as many items twice. How many are old depends on the day. */
function expectArchived(acts: readonly Record<string, unknown>[]): void {
  const [fates, plan, run, months, verify, restore, release, again, check, ...others] = acts
  const { archived } = fates as { archived: { orders: number; items: number } }
  expect(archived.orders).toBeGreaterThan(500)
  expect(plan).toMatchObject({ dryRun: true, effect: 'none', counts: { eligible: archived.orders } })
  expect(run).toMatchObject({ exitCode: 0, counts: { archived: archived.orders, deleted: archived.orders } })
  expect(months).toMatchObject({ exitCode: 0, effect: 'none' })
  expect(verify).toMatchObject({ exitCode: 0 })
  expect([restore, release]).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }])
  expect(again).toMatchObject({ exitCode: 0, counts: { months: 1 } })
  expect(check).toEqual({ rows: 3600, archived: archived.orders + archived.items, misplaced: [] })
  expectCounted(others.slice(0, 4))
  expectMigrated(others.slice(4))
}

/** Ten views for each of 400 payments, and those that people went on to have. */
function expectCounted([plan, run, again, check]: readonly Record<string, unknown>[]): void {
  expect(plan).toMatchObject({ dryRun: true, effect: 'none', counts: { events: 4000 } })
  expect(run).toMatchObject({ exitCode: 0, kind: 'rollup' })
  expect(again).toMatchObject({ exitCode: 0, counts: { remaining: 0 } })
  const { written } = check as { written: number }
  expect(written).toBeGreaterThanOrEqual(4000)
  expect(check).toEqual({ written, counted: written, waiting: 0, wrongDays: 0, wrongTotals: 0 })
}

/** The act itself fails when a row is missing. */
function expectMigrated([plan, run, revert]: readonly Record<string, unknown>[]): void {
  expect(plan).toMatchObject({ dryRun: true, effect: 'none', kind: 'migrate' })
  expect(run).toMatchObject({ exitCode: 0, detail: { strategy: 'copy', phase: 'done' } })
  expect(revert).toMatchObject({ exitCode: 0, detail: { phase: 'done' } })
}

/** A URL with its password, not with stars in its place. */
const secret = /mysql:\/\/[^*\s]*:[^*\s]+@/

describe('demo', () => {
  test('fixes a shop that is wrong in every way, archives its old orders, counts its views, migrates a table, and checks all by itself, without showing a secret', async ({
    folder,
  }) => {
    const ended = await startDemo(folder, '--rows', '400', '--format', 'json').ended
    expect(ended).toMatchObject({ exitCode: 0 })
    const [shop, state, plan, run, again, check, ...orderActs] = readActs(ended).map(({ result }) => result)
    expect(shop).toMatchObject({ fixed: { payments: 14, kinds: 10 }, cancelled: { payments: 5, kinds: 3 } })
    expect(state).toMatchObject({ status: 'installed' })
    expect(plan).toMatchObject({ dryRun: true, effect: 'none', counts: { fixed: 0, compensated: 0 } })
    expect(run).toMatchObject({ exitCode: 3, counts: { fixed: 14, compensated: 5, review: 13 } })
    expect(again).toMatchObject({ exitCode: 0, effect: 'none', counts: { fixed: 0, compensated: 0 } })
    expect(check).toEqual({ payments: 400, cancels: 5, differences: [] })
    expectArchived(orderActs)
    expect(ended.stdout + ended.stderr).not.toMatch(secret)
    expect(await readdir(folder)).toEqual([])
  })

  test('tells its story act by act, for people', async ({ folder }) => {
    const { exitCode, stdout } = await startDemo(folder, '--rows', '100', '--seed', '5', '--quiet').ended
    expect(exitCode).toBe(0)
    const headings = stdout.split('\n').filter((line) => /^(\d+\. |\$ )/.test(line))
    expect(headings).toEqual([
      '1. A shop with 100 payments, 34 of them wrong or open, in 34 ways',
      expect.stringMatching(/^2\. /),
      '$ rowkeeper state install',
      expect.stringMatching(/^3\. /),
      '$ rowkeeper plan payments',
      expect.stringMatching(/^4\. /),
      '$ rowkeeper run payments',
      expect.stringMatching(/^5\. .*nothing is left to do$/),
      '$ rowkeeper run payments',
      expect.stringMatching(/^6\. /),
      '7. The same shop has 300 orders of 30 months; those older than 13 months shall go',
      expect.stringMatching(/^8\. /),
      '$ rowkeeper plan old-orders',
      expect.stringMatching(/^9\. /),
      '$ rowkeeper run old-orders',
      expect.stringMatching(/^10\. /),
      '$ rowkeeper archive months old-orders',
      expect.stringMatching(/^11\. /),
      '$ rowkeeper archive verify old-orders',
      expect.stringMatching(/^12\. /),
      expect.stringMatching(/^\$ rowkeeper archive restore old-orders --month \d{4}-\d\d$/),
      expect.stringMatching(/^13\. /),
      expect.stringMatching(/^\$ rowkeeper archive release old-orders --month \d{4}-\d\d$/),
      expect.stringMatching(/^14\. /),
      '$ rowkeeper run old-orders',
      expect.stringMatching(/^15\. /),
      "16. People looked at the shop's products 1,000 times, and each look is a row; the plan",
      '$ rowkeeper plan product-views',
      expect.stringMatching(/^17\. /),
      '$ rowkeeper run product-views',
      expect.stringMatching(/^18\. /),
      '$ rowkeeper run product-views',
      expect.stringMatching(/^19\. /),
      expect.stringMatching(/^20\. /),
      '$ rowkeeper plan wider-view-log',
      expect.stringMatching(/^21\. /),
      '$ rowkeeper run wider-view-log',
      expect.stringMatching(/^22\. /),
      '$ rowkeeper migrate revert wider-view-log',
    ])
    expect(stdout).toContain(
      'checked: 100 payments are as they must be, on both sides; 3 cancels, each exactly once',
    )
    expect(stdout).toMatch(
      /checked: 900 rows are in exactly one table each, byte for byte as before; \d+ of them/,
    )
    expect(stdout).toMatch(/next: begin with your own database: rowkeeper init\n$/)
    expect(stdout).not.toContain('warning:')
    expect(stdout).not.toMatch(secret)
  })

  test('leaves nothing behind when it is interrupted', async ({ folder }) => {
    const demo = startDemo(folder, '--rows', '20000')
    await demo.says('comparing payments: started')
    demo.signal('SIGINT')
    const { exitCode, stdout } = await demo.ended
    expect(exitCode).toBe(130)
    expect(stdout).toContain('are gone again (exit code 130)')
    expect(await readdir(folder)).toEqual([])
  })

  test.for(['99', '100001', 'many'])('refuses a shop of %s payments', async (rows, { folder }) => {
    const { exitCode, stderr } = await startDemo(folder, '--rows', rows).ended
    expect(exitCode).toBe(64)
    expect(stderr).toContain('--rows takes')
    expect(await readdir(folder)).toEqual([])
  })
})
