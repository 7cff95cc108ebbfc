import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import type { SavedPlan } from '../../../../src/run/plan-file.ts'
import { readDocument } from '../../../support/cli.ts'
import { test as shopTest } from '../../../support/reconcile-shop.ts'
import { everyKind, everyTruth, expectSafe, statusesHere, statusesThere } from './settle.ts'

const test = shopTest.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixture's needs from it
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-plan-'))
    await use(folder)
    await rm(folder, { recursive: true })
  },
})

test('run --plan does exactly what the plan says, and nothing that came up since', async ({
  shop,
  folder,
}) => {
  await shop.seed(everyKind)
  const file = join(folder, 'plan.json')
  expect((await shop.runBinary(['plan', 'payments', '-o', file, '--detailed-exitcode'])).exitCode).toBe(2)
  expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600')
  await shop.seed([{ local: 'PENDING', external: 'PAID' }])
  const ended = await shop.runBinary(['run', 'payments', '--plan', file, '--format', 'json'])
  expect(readDocument(ended)).toMatchObject({ exitCode: 0, counts: { fixed: 3, compensated: 1 } })
  expect(await statusesHere(shop)).toEqual([...everyTruth.here, 'PENDING'])
  expect(statusesThere(shop, 5)).toEqual(everyTruth.there)
  await expectSafe(shop)
  const again = await shop.runBinary(['run', 'payments', '--plan', file, '--format', 'json'])
  expect(readDocument(again).counts).toMatchObject({ fixed: 0, compensated: 0 })
  expect(shop.provider.state.mutations()).toHaveLength(1)
})

test('a saved plan looks again: what the service says differently by now is left alone', async ({ shop }) => {
  await shop.seed(everyKind)
  const { saved } = await shop.plan()
  shop.provider.state.setStatus('pay_1', 'PENDING')
  shop.provider.state.setStatus('pay_4', 'FAILED')
  await shop.database.query("UPDATE payments SET status = 'PAID' WHERE id = 2")
  const { result } = await shop.run({ saved: required(saved) })
  expect(result).toMatchObject({ counts: { fixed: 1, compensated: 0 } })
  expect(result.detail.endings).toMatchObject({ changedMeanwhile: 3, fixed: 1 })
  expect(await statusesHere(shop)).toEqual(['PENDING', 'PAID', 'REFUNDED', 'FAILED', 'PAID'])
})

describe('a stale plan is refused before anything is changed', () => {
  const changes: readonly [string, (plan: SavedPlan) => SavedPlan, RegExp][] = [
    ['too old', (plan) => ({ ...plan, asOf: shift(plan.asOf, -61) }), /it is 1 h 1 min old/],
    ['from the future', (plan) => ({ ...plan, asOf: shift(plan.asOf, 61) }), /after the server's clock/],
    ['another job', (plan) => ({ ...plan, job: 'orders' }), /it was made for the job orders, not payments/],
    [
      'another configuration',
      (plan) => ({ ...plan, fingerprint: { ...plan.fingerprint, configuration: 'x' } }),
      /the configuration changed since it was made/,
    ],
    [
      'another server',
      (plan) => ({ ...plan, fingerprint: { ...plan.fingerprint, server: 'x' } }),
      /the server changed since it was made/,
    ],
  ]
  for (const [name, change, message] of changes) {
    test(name, async ({ shop }) => {
      await shop.seed(everyKind)
      const { saved } = await shop.plan()
      const { result } = await shop.run({ saved: change(required(saved)) })
      expect(result).toMatchObject({
        exitCode: 4,
        status: 'refused',
        effect: 'none',
        error: { code: 'plan.stale' },
      })
      expect(result.error?.message).toMatch(message)
      expect(result.error?.hint).toBe('Make a new one with: rowkeeper plan payments -o plan.json')
      expect(await statusesHere(shop)).toEqual(everyKind.map(({ local }) => local))
      expect(shop.provider.state.mutations()).toEqual([])
    })
  }

  test('the table was altered', async ({ shop }) => {
    await shop.seed(everyKind)
    const { saved } = await shop.plan()
    await shop.database.query('ALTER TABLE payments ADD COLUMN note INT NULL')
    const { result } = await shop.run({ saved: required(saved) })
    expect(result.error?.message).toBe('The plan was not executed: the definition changed since it was made.')
  })

  test('the configuration was edited', async ({ shop }) => {
    await shop.seed(everyKind)
    const { saved } = await shop.plan()
    await shop.configure({ job: { actions: { compensate: 'off' } } })
    const { result } = await shop.run({ saved: required(saved) })
    expect(result).toMatchObject({ exitCode: 4, error: { code: 'plan.stale' } })
  })
})

describe('a file that is no plan', () => {
  const files: readonly [string, string][] = [
    ['empty', ''],
    ['no JSON', 'plan: yes'],
    ['of another program', '{"schemaVersion":1,"steps":[]}'],
    ['cut off', '{"schemaVersion":1,"job":"payments"'],
  ]
  for (const [name, text] of files) {
    test(name, async ({ shop, folder }) => {
      const file = join(folder, 'plan.json')
      await writeFile(file, text)
      const ended = await shop.runBinary(['run', 'payments', '--plan', file])
      expect(ended.exitCode).toBe(65)
      expect(ended.stderr).toContain(`${file} is no plan this version of rowkeeper wrote: `)
      expect(ended.stderr).toContain('rowkeeper plan <job> -o plan.json')
    })
  }

  test('with a plan of nothing in it', async ({ shop, folder }) => {
    const file = join(folder, 'plan.json')
    await shop.runBinary(['plan', 'payments', '-o', file])
    const saved = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...saved, plan: {} }))
    const ended = await shop.runBinary(['run', 'payments', '--plan', file])
    expect(ended.exitCode).toBe(65)
  })

  test('that is not there', async ({ shop, folder }) => {
    const ended = await shop.runBinary(['run', 'payments', '--plan', join(folder, 'none.json')])
    expect(ended.exitCode).toBe(66)
    expect(ended.stderr).toContain('none.json could not be read: ENOENT')
  })
})

function shift(instant: string, minutes: number): string {
  return new Date(Date.parse(instant) + minutes * 60_000).toISOString()
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('there is no plan')
  return value
}
