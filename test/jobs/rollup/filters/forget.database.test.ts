import { describe, expect } from 'vitest'
import { test } from '../../../support/rollup-job.ts'
import { countersOf, eventTable, insertEvents } from './events.ts'

const job = {
  measures: { views: 'count', viewers: 'unique:viewer' },
  filters: { repeats: { viewer: 'viewer', window: '1h' } },
  buckets: { sizes: ['hour', 'month'] },
  remember: '3 days',
}
const visit = { post: 7, at: '2020-04-01 10:00:00', viewer: 'ann' }

describe('what was seen', () => {
  test('is kept for as long as remember says, however old the event was', async ({
    database,
    openRollup,
  }) => {
    await database.query(eventTable)
    const rollup = await openRollup({ job })
    await insertEvents(database, [visit])
    await rollup.run()
    await database.query('UPDATE counts_seen SET made_at = UTC_TIMESTAMP() - INTERVAL 71 HOUR')
    await insertEvents(database, [visit])
    await rollup.run()
    expect(await countersOf(database, 'views, viewers')).toEqual([
      '7 hour 2020-04-01 10:00:00 1 1',
      '7 month 2020-04-01 00:00:00 1 1',
    ])
  })

  test('is then deleted, and an event that comes later counts as new', async ({ database, openRollup }) => {
    await database.query(eventTable)
    const rollup = await openRollup({ job })
    await insertEvents(database, [visit])
    await rollup.run()
    await database.query('UPDATE counts_seen SET made_at = UTC_TIMESTAMP() - INTERVAL 73 HOUR')
    await rollup.run()
    expect(await database.query('SELECT COUNT(*) AS marks FROM counts_seen')).toEqual([{ marks: '0' }])
    await insertEvents(database, [visit])
    await rollup.run()
    expect(await countersOf(database, 'views')).toContain('7 hour 2020-04-01 10:00:00 2')
  })

  test('of a bucket that is not over stays, however long ago it was seen', async ({
    database,
    openRollup,
  }) => {
    await database.query(eventTable)
    const rollup = await openRollup({ job })
    const [now = {}] = await database.query(
      "SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-01 00:00:00') AS month",
    )
    await insertEvents(database, [{ ...visit, at: String(now.month) }])
    await rollup.run()
    await database.query('UPDATE counts_seen SET made_at = UTC_TIMESTAMP() - INTERVAL 40 DAY')
    await rollup.run()
    expect(await database.query("SELECT kind FROM counts_seen WHERE kind = 'month'")).toEqual([
      { kind: 'month' },
    ])
  })

  test('goes in batches, and a run that is broken between them leaves the rest to the next', async ({
    database,
    openRollup,
  }) => {
    await database.query(eventTable)
    const rollup = await openRollup({ job })
    await insertEvents(database, [visit])
    await rollup.run()
    await database.query(`INSERT INTO counts_seen SELECT 'repeat', '2020-01-01', UNHEX(LEFT(SHA2(CONCAT(one.n, ' ', two.n, ' ', three.n), 256), 32)), X'0000000000000001', '2020-01-02'
      FROM (${numbers}) AS one, (${numbers}) AS two, (${numbers}) AS three`)
    const broken = await rollup.run({
      reach: async (point) => {
        if (point === 'rollup.marks-forgotten') throw new Error('broken here')
      },
    })
    expect(broken.result.exitCode).not.toBe(0)
    const left = 'SELECT COUNT(*) AS marks FROM counts_seen WHERE made_at < 20200103'
    expect(await database.query(left)).toEqual([{ marks: '3000' }])
    await rollup.run()
    expect(await database.query(left)).toEqual([{ marks: '0' }])
    expect(await database.query('SELECT COUNT(*) AS marks FROM counts_seen')).toEqual([{ marks: '3' }])
  })
})

/** 20 of them. */
const numbers = Array.from({ length: 20 }, (_, n) => `SELECT ${n}${n === 0 ? ' AS n' : ''}`).join(
  ' UNION ALL ',
)
