import { describe, expect } from 'vitest'
import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { type Random, seededRandom } from '../../../../src/lib/random.ts'
import { breakRun } from '../../../support/break-run.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { test } from '../../../support/rollup-job.ts'
import { openSession, type TestSession } from '../../../support/session.ts'
import { isAll, listCases, seed } from './cases.ts'
import { breakable } from './world.ts'

const points = [
  'ledger.before-commit',
  'ledger.after-commit',
  'rollup.bucket-set',
  'rollup.bucket-summed',
] as const

const tables = `CREATE TABLE events (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL, likes TINYINT NOT NULL,
    viewed_at DATETIME NOT NULL, KEY by_time (viewed_at));
  CREATE TABLE posts (id INT NOT NULL PRIMARY KEY, view_count INT UNSIGNED NOT NULL);
  INSERT INTO posts VALUES (1, 1000), (2, 1000), (3, 1000);
  INSERT INTO events (post_id, likes, viewed_at) VALUES (1, 1, UTC_TIMESTAMP() - INTERVAL 5 HOUR), (2, 1, UTC_TIMESTAMP())`

const settings = {
  source: { table: 'events', strategy: 'recompute', time: 'viewed_at', last: 4 },
  measures: { views: 'count', likes: 'sum:likes' },
  total: { table: 'posts', columns: { view_count: 'views' } },
}

const truth = [
  ['hour', '%Y-%m-%d %H:00:00'],
  ['day', '%Y-%m-%d 00:00:00'],
  ['month', '%Y-%m-01 00:00:00'],
]
  .map(
    ([size, format]) => `SELECT post_id, '${size}' AS bucket_size,
      CAST(DATE_FORMAT(viewed_at, '${format}') AS DATETIME) AS bucket_start, COUNT(*) AS views, SUM(likes) AS likes FROM events GROUP BY 1, 3`,
  )
  .join(' UNION ALL ')

/** Every counter and total against the server's own GROUP BY; a counter without events must be 0. */
async function findDifferences({ query }: TestDatabase): Promise<readonly unknown[]> {
  const key = 'post_id, bucket_size, bucket_start'
  const low = `SELECT ${key}, c.views, t.views AS truth FROM (${truth}) AS t LEFT JOIN counts AS c USING (${key})
    WHERE c.views IS NULL OR c.views <> t.views OR c.likes <> t.likes`
  const left = `SELECT ${key}, c.views, 0 AS truth FROM counts AS c LEFT JOIN (${truth}) AS t USING (${key})
    WHERE t.views IS NULL AND (c.views <> 0 OR c.likes <> 0)`
  const totals = `SELECT id, view_count FROM posts
    WHERE view_count <> 1000 + (SELECT COUNT(*) FROM events WHERE post_id = posts.id)`
  return [...(await query(low)), ...(await query(left)), ...(await query(totals))]
}

/** Within the last three hours, so that the buckets set anew hold them also when an hour ends meanwhile. */
function drawChange({ fraction }: Random): string {
  const post = 1 + Math.floor(fraction() * 3)
  const kind = fraction()
  const recent = `post_id = ${post} AND viewed_at > UTC_TIMESTAMP() - INTERVAL 2 HOUR ORDER BY id LIMIT 1`
  if (kind < 0.2) return `DELETE FROM events WHERE ${recent}`
  if (kind < 0.4) return `UPDATE events SET likes = -likes, post_id = 1 + post_id % 3 WHERE ${recent}`
  return `INSERT INTO events (post_id, likes, viewed_at) VALUES (${post}, 1, UTC_TIMESTAMP() - INTERVAL ${Math.floor(fraction() * 120)} MINUTE)`
}

async function changeUntil(over: AbortSignal, session: TestSession): Promise<number> {
  const random = seededRandom(seed)
  let changes = 0
  while (!over.aborted) {
    await session.query('START TRANSACTION')
    await session.query(drawChange(random))
    await systemClock.sleep(random.fraction() * 20, never)
    await session.query(random.fraction() < 0.1 ? 'ROLLBACK' : 'COMMIT')
    changes += 1
  }
  return changes
}

describe.runIf(isAll)(`recompute under faults (seed ${seed})`, () => {
  test('broken at every point while events come, change and go, the counters say in the end what is there', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    const job = await openRollup({ job: settings })
    const session = await openSession(database.url)
    const [{ id } = {}] = await session.query('SELECT CONNECTION_ID() AS id')
    const over = new AbortController()
    const changing = changeUntil(over.signal, session)
    changing.catch(() => {})
    const target = breakable(database, job, { spared: [String(id)] })
    try {
      for (const broken of listCases(points)) await breakRun(target, broken)
    } finally {
      over.abort()
    }
    expect(await changing).toBeGreaterThan(20)
    await session.close()
    expect((await job.run()).result).toMatchObject({ exitCode: 0 })
    expect(await findDifferences(database)).toEqual([])
    // What the comparison is worth: one view too many is found.
    await database.query("UPDATE counts SET views = views + 1 WHERE bucket_size = 'day' LIMIT 1")
    expect(await findDifferences(database)).toHaveLength(1)
  }, 180_000)
})
