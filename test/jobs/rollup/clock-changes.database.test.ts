import { describe, expect } from 'vitest'
import type { RollupPlan } from '../../../jobs/rollup/plan-model.ts'
import type { SavedPlan } from '../../../src/run/plan-file.ts'
import { test } from '../../support/rollup-job.ts'

const timeZone = 'Europe/Berlin'
const QUARTER_MS = 15 * 60_000

/** The day on which clocks go from 2 to 3, and the one on which they go from 3 back to 2: instants of their midnights. */
const days = {
  'of 23 hours': { from: '2026-03-28T23:00:00Z', to: '2026-03-29T22:00:00Z' },
  'of 25 hours': { from: '2026-10-24T22:00:00Z', to: '2026-10-25T23:00:00Z' },
} as const

/** One event in every quarter of an hour that the day lives. */
function listQuarters({ from, to }: { readonly from: string; readonly to: string }): readonly Date[] {
  const [first, end] = [Date.parse(from), Date.parse(to)]
  return Array.from(
    { length: (end - first) / QUARTER_MS },
    (_, index) => new Date(first + index * QUARTER_MS),
  )
}

const berlin = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })

/** Counted here, by what the clocks of the zone show. */
function countByClock(quarters: readonly Date[], cut: (clock: string) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const quarter of quarters) {
    const start = cut(berlin.format(quarter))
    counts[start] = (counts[start] ?? 0) + 1
  }
  return counts
}

const cuts = {
  '15min': (clock: string) => clock,
  hour: (clock: string) => `${clock.slice(0, 13)}:00:00`,
  day: (clock: string) => `${clock.slice(0, 10)} 00:00:00`,
}

/** recompute would set every quarter of an hour from then until now. */
function withoutLaterBuckets(saved: SavedPlan, to: string): SavedPlan {
  const plan = saved.plan as RollupPlan
  const end = berlin.format(new Date(to))
  const steps = plan.steps.map((step) => (step.type === 'recompute' ? { ...step, to: end } : step))
  return { ...saved, plan: { ...plan, steps } }
}

const strategies = ['consume', 'rotate', 'recompute'] as const
const cases = strategies.flatMap((strategy) =>
  (Object.keys(days) as (keyof typeof days)[]).map((day) => [strategy, day] as const),
)

describe('where clocks change', () => {
  test.for(cases)('%s counts a day %s', async ([strategy, day], { database, openRollup }) => {
    const quarters = listQuarters(days[day])
    const rows = quarters.map((at) => `(1, '${at.toISOString().slice(0, 19).replace('T', ' ')}')`)
    await database.query(`CREATE TABLE events (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL,
        viewed_at DATETIME NOT NULL, KEY by_time (viewed_at));
      INSERT INTO events (post_id, viewed_at) VALUES ${rows.join(', ')}`)
    const job = await openRollup({
      job: {
        source: { table: 'events', strategy, time: 'viewed_at' },
        buckets: { sizes: ['15min', 'hour', 'day'], timeZone },
      },
    })
    const { saved } = await job.plan()
    const { result } = await job.run(saved && { saved: withoutLaterBuckets(saved, days[day].to) })
    expect(result).toMatchObject({ exitCode: 0, counts: { events: quarters.length } })
    for (const [size, cut] of Object.entries(cuts)) {
      const counted = await database.query(
        `SELECT bucket_start, views FROM counts WHERE bucket_size = '${size}' AND views > 0`,
      )
      expect(
        Object.fromEntries(counted.map(({ bucket_start: start, views }) => [String(start), Number(views)])),
        size,
      ).toEqual(countByClock(quarters, cut))
    }
    expect((await job.verb('verify')).result).toMatchObject({ exitCode: 0 })
  })

  test('the lived hours are what the expectation rests on', () => {
    const spring = countByClock(listQuarters(days['of 23 hours']), cuts.hour)
    expect(Object.keys(spring)).toHaveLength(23)
    expect(spring['2026-03-29 02:00:00']).toBeUndefined()
    const autumn = countByClock(listQuarters(days['of 25 hours']), cuts.hour)
    expect(Object.keys(autumn)).toHaveLength(24)
    expect(autumn['2026-10-25 02:00:00']).toBe(8)
  })
})
