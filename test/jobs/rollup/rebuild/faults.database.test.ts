import { describe, expect } from 'vitest'
import { type Breakable, breakRun, type Fault } from '../../../support/break-run.ts'
import type { ConfiguredJob } from '../../../support/configured-job.ts'
import { cutConnections } from '../../../support/cut-connections.ts'
import { test } from '../../../support/rollup-job.ts'
import { dayBefore, days, findWrong, findWrongTotals, measures, source, tables, total } from './fixture.ts'

/** Where a rebuild may be broken, and at which time of reaching it: later than the first where it comes by again. */
const points = {
  'ledger.before-commit': 3,
  'ledger.after-commit': 3,
  'rollup.shadow-made': 1,
  'rollup.shadow-filled': 2,
  'rollup.shadow-summed': 1,
  'rollup.shadow-compared': 2,
  'rollup.piece-set': 1,
  'rollup.piece-swapped': 1,
  'rollup.shadow-dropped': 1,
} as const

const all: readonly Fault[] = ['kill', 'hang', 'throw', 'cut']
/** Each way at one point; a kill and an error at every one. */
const faultsAt = (index: number): readonly Fault[] =>
  process.env.ROWKEEPER_FAULTS === 'all'
    ? all
    : ['kill', 'throw', ...(index % 4 === 1 ? (['hang', 'cut'] as const) : [])]

function breakable(job: ConfiguredJob, asked: { readonly from: string; readonly to: string }): Breakable {
  const words = ['rollup', 'rebuild', 'post-views', '--from', asked.from, '--to', asked.to]
  return {
    start: (how) => job.startBinary(words, how),
    run: (how) => job.verb('rebuild', asked, how),
    cut: () => cutConnections(job.database, { spared: [] }),
  }
}

/** Objects of which some counters or the total are old and others new. */
const torn = `SELECT id FROM posts JOIN (SELECT post_id, SUM(views) AS views FROM counts WHERE bucket_size = 'day' GROUP BY 1) AS d ON d.post_id = id
  JOIN (SELECT post_id, SUM(views) AS views FROM counts WHERE bucket_size = 'month' GROUP BY 1) AS m ON m.post_id = id
  WHERE d.views <> m.views OR view_count <> id * 1000 + d.views`

describe('rebuild under faults', () => {
  for (const [index, [point, at]] of Object.entries(points).entries())
    test(`broken at ${point}, each object has its old or its new counters, and the next rebuild does the rest`, async ({
      database,
      openRollup,
    }) => {
      await database.query(tables)
      await database.query(`INSERT INTO events (post_id, place, likes, viewed_at)
        SELECT id, 1, 1, UTC_DATE() - INTERVAL 10 DAY FROM posts`)
      const job = await openRollup({ job: { source, measures, total, buckets: days } })
      await job.run()
      const asked = { from: await dayBefore(database, 12), to: await dayBefore(database, 5) }
      for (const fault of faultsAt(index)) {
        await database.query(`INSERT INTO events (post_id, place, likes, viewed_at)
          SELECT id, 1, 1.5, UTC_DATE() - INTERVAL 10 DAY FROM posts UNION ALL SELECT id, 1, -1, UTC_DATE() - INTERVAL 8 DAY FROM posts`)
        await breakRun(breakable(job, asked), { point, fault, at })
        expect(await database.query(torn)).toEqual([])
        const { result } = await job.verb('rebuild', asked)
        expect(result.error).toBeUndefined()
        expect(result).toMatchObject({ exitCode: 0 })
        expect(await findWrong(database, ['day', 'month'])).toEqual([])
        expect(await findWrongTotals(database)).toEqual([])
        expect(await database.query("SHOW TABLES LIKE 'counts\\_\\_rk%'")).toEqual([])
      }
    }, 120_000)
})
