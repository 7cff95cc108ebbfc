import { DateTime } from 'luxon'
import { describe, expect } from 'vitest'
import { type Random, seededRandom, systemRandom } from '../../../../src/lib/random.ts'
import { test } from '../../../support/rollup-job.ts'
import { openSession } from '../../../support/session.ts'
import { countersOf, eventTable, insertEvents, type TestEvent } from './events.ts'

const seed = Number(process.env.ROWKEEPER_SEED ?? Math.floor(systemRandom.fraction() * 1e6))
const ZONE = 'Asia/Kathmandu'
const viewers = ['ann', 'Ann', 'ann ', 'bob', 'Ångström', '', 'eve', null]
const agents = [null, 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'curl/8.5.0']

const job = {
  measures: { views: 'count', viewers: 'unique:viewer' },
  filters: { repeats: { viewer: 'viewer', window: '30m' }, bots: { column: 'agent' } },
  buckets: { sizes: ['hour', 'day', 'month'], timeZone: ZONE },
}

/** Around the end of a month in the zone. */
function makeEvents({ fraction }: Random, count: number): readonly TestEvent[] {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(fraction() * all.length)] as T
  const begin = DateTime.fromSQL('2026-03-31 12:00:00', { zone: 'UTC' })
  return Array.from({ length: count }, () => ({
    post: 1 + Math.floor(fraction() * 3),
    at: begin.plus({ seconds: Math.floor(fraction() * 43_200) }).toFormat('yyyy-MM-dd HH:mm:ss'),
    viewer: pick(viewers),
    agent: pick(agents),
  }))
}

const starts = { hour: 'yyyy-MM-dd HH:00:00', day: 'yyyy-MM-dd 00:00:00', month: 'yyyy-MM-01 00:00:00' }

/** What must come out, reckoned here and in no order: sets of windows and of viewers. */
function countTruth(events: readonly TestEvent[]): readonly string[] {
  const counters = new Map<string, { views: Set<string>; viewers: Set<string> }>()
  events.forEach(({ post, at, viewer, agent }, index) => {
    const wall = DateTime.fromSQL(at, { zone: 'UTC' }).setZone(ZONE)
    const isBot = agent === 'curl/8.5.0'
    const window = `${viewer}|${wall.toFormat('yyyy-MM-dd HH')}|${wall.minute < 30}`
    for (const [size, format] of Object.entries(starts)) {
      const name = `${post} ${size} ${wall.toFormat(format)} ${isBot ? 'bots' : 'people'}`
      const counter = counters.get(name) ?? { views: new Set(), viewers: new Set() }
      counters.set(name, counter)
      counter.views.add(isBot || viewer === null ? `event ${index}` : window)
      if (viewer !== null) counter.viewers.add(viewer)
    }
  })
  return [...counters]
    .map(([name, counter]) => `${name} ${counter.views.size} ${counter.viewers.size}`)
    .toSorted()
}

describe(`filters and different values (seed ${seed})`, () => {
  for (const workers of [1, 2, 4])
    test(`with ${workers} at work come to the same in every order, also of what is committed late`, async ({
      database,
      openRollup,
    }) => {
      const events = makeEvents(seededRandom(seed + workers), 400)
      await database.query(eventTable)
      const rollup = await openRollup({ job: { ...job, workers, batch: { rows: 9 } } })
      const late = await openSession(database.url)
      try {
        await late.query('START TRANSACTION')
        await insertEvents(late, events.slice(0, 80))
        await insertEvents(database, events.slice(80, 300))
        expect((await rollup.run()).result.exitCode).toBe(0)
        await late.query('COMMIT')
      } finally {
        await late.close()
      }
      await insertEvents(database, events.slice(300))
      expect((await rollup.run()).result.exitCode).toBe(0)
      expect(await database.query('SELECT COUNT(*) AS events FROM events')).toEqual([{ events: '0' }])
      expect((await countersOf(database, 'series, views, viewers')).toSorted()).toEqual(countTruth(events))
    })

  test('of two hosts that count the same table one after the other are the same', async ({
    database,
    openRollup,
  }) => {
    const events = makeEvents(seededRandom(seed), 120)
    await database.query(eventTable)
    const rollup = await openRollup({ job: { ...job, workers: 2, batch: { rows: 5 } } })
    await insertEvents(database, events)
    await rollup.run({ limit: 47 })
    await rollup.run({ holder: 'another' })
    expect((await countersOf(database, 'series, views, viewers')).toSorted()).toEqual(countTruth(events))
  })
})
