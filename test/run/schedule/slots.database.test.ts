import { describe, expect } from 'vitest'
import { controlMigrations } from '../../../migrations/index.ts'
import type { Config } from '../../../src/config/schema.ts'
import { withControlWriter } from '../../../src/run/control-writer.ts'
import { createSlotSource } from '../../../src/run/schedule/slot-source.ts'
import { takeSlot } from '../../../src/run/schedule/take.ts'
import { tick } from '../../../src/run/schedule/tick.ts'
import { installState } from '../../../src/run/state.ts'
import { test } from '../../support/database.ts'
import { surroundings, testDatabase } from '../surroundings.ts'

const slotAt = new Date('2026-11-22T03:00:00.000Z')

async function install(url: string) {
  await installState({
    database: testDatabase(url),
    surroundings: surroundings(),
    migrations: controlMigrations,
  })
}

function configOf(url: string): Config {
  return {
    databases: { shop: testDatabase(url).config },
    services: {},
    jobs: { payments: { name: 'payments', kind: 'reconcile', database: 'shop', input: {} } },
    hash: () => '',
  }
}

describe('takeSlot', () => {
  test('gives one slot to exactly one of ten hosts that ask at the same moment', async ({ database }) => {
    await install(database.url)
    const hosts = Array.from({ length: 10 }, (_, index) => `ops@host${index}:1`)
    const outcomes = await Promise.all(
      hosts.map((holder) =>
        withControlWriter(testDatabase(database.url), surroundings(holder), ({ writer, schema }) =>
          takeSlot({ writer, schema, job: 'payments', slotAt, runId: holder, holder }),
        ),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(1)
    const rows = await database.query('SELECT job, slot_at, run_id FROM rowkeeper_slot')
    expect(rows).toEqual([
      { job: 'payments', slot_at: '2026-11-22 03:00:00.000', run_id: hosts[outcomes.indexOf('taken')] },
    ])
  })

  test('knows its own row again when the reply was lost', async ({ database }) => {
    await install(database.url)
    const asked = await withControlWriter(
      testDatabase(database.url),
      surroundings(),
      async ({ writer, schema }) => {
        const slot = { writer, schema, job: 'payments', slotAt, runId: 'mine', holder: 'me' }
        return [await takeSlot(slot), await takeSlot(slot), await takeSlot({ ...slot, runId: 'other' })]
      },
    )
    expect(asked).toEqual(['taken', 'taken', 'takenByOther'])
  })
})

describe('a tick over the slots of a database', () => {
  test('runs a missed slot once, the latest only, on whichever of two hosts comes first', async ({
    database,
  }) => {
    await install(database.url)
    const ran: string[] = []
    const hosts = ['ops@alpha:1', 'ops@beta:2'].map((holder) => {
      const around = surroundings(holder)
      const slots = createSlotSource(configOf(database.url), around)
      return () =>
        tick({
          jobs: [{ name: 'payments', schedule: { cron: '0 * * * *', timeZone: 'Asia/Seoul' } }],
          clock: around.clock,
          control: around.control,
          ...slots,
          run: async () => {
            ran.push(holder)
            throw new Error('not looked at')
          },
        })
    })
    await Promise.all(hosts.map((tickOnce) => tickOnce()))
    await Promise.all(hosts.map((tickOnce) => tickOnce()))
    expect(ran).toHaveLength(1)
    expect(await database.query('SELECT holder FROM rowkeeper_slot')).toEqual([{ holder: ran[0] }])
  })

  test('goes by the clock of the server, not by that of the host', async ({ database }) => {
    const around = surroundings()
    const ahead = 3 * 60 * 60 * 1000
    const clock = { ...around.clock, now: () => new Date(around.clock.now().getTime() + ahead) }
    const slots = createSlotSource(configOf(database.url), { ...around, clock })
    const now = await slots.now('payments')
    expect(Math.abs(now.getTime() - around.clock.now().getTime())).toBeLessThan(2000)
  })

  test('says what to do when the tables are not there', async ({ database }) => {
    const around = surroundings()
    const ended = await tick({
      jobs: [{ name: 'payments', schedule: { cron: '0 * * * *', timeZone: 'UTC' } }],
      clock: around.clock,
      control: around.control,
      ...createSlotSource(configOf(database.url), around),
      run: () => Promise.reject(new Error('must not run')),
    })
    expect(ended).toMatchObject({
      exitCode: 4,
      jobs: [{ error: { code: 'state.missing', hint: 'Make them once with: rowkeeper state install' } }],
    })
  })
})
