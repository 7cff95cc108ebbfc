import { DateTime } from 'luxon'
import type { TestDatabase, TestRow } from '../../../support/database.ts'
import type { Way } from './world.ts'

const ZONE = 'America/St_Johns'
/** Windows stand on the clock, as buckets do: an hour lived twice has two, not four. */
const WINDOW_MINUTES = 30
const sizes = {
  hour: 'yyyy-MM-dd HH:00:00',
  day: 'yyyy-MM-dd 00:00:00',
  month: 'yyyy-MM-01 00:00:00',
} as const

interface Counter {
  views: number
  likes: number
  readonly viewers: Set<number>
}

/** What the counters must hold, reckoned from the truth in this process with a zone library of its own. */
async function countTruth({ query }: TestDatabase, way: Way): Promise<Map<string, Counter>> {
  const counters = new Map<string, Counter>()
  for (const event of keep(await query('SELECT * FROM truth ORDER BY id'), way)) {
    const wall = DateTime.fromSQL(String(event.viewed_at), { zone: 'UTC' }).setZone(ZONE)
    for (const [size, format] of Object.entries(sizes)) {
      const name = [...groupOf(event, way), size, wall.toFormat(format)].join(' ')
      const counter = counters.get(name) ?? { views: 0, likes: 0, viewers: new Set() }
      counters.set(name, counter)
      counter.views += 1
      counter.likes += Number(event.likes)
      if (event.viewer !== null) counter.viewers.add(Number(event.viewer))
    }
  }
  return counters
}

function groupOf({ post_id, place }: TestRow, way: Way): readonly unknown[] {
  return way === 'read' ? [place, post_id] : [post_id]
}

/** How many events of a viewer count does not depend on which of them do: each window has its likes apart, so here only the first. */
function keep(events: readonly TestRow[], way: Way): readonly TestRow[] {
  if (way !== 'viewers') return events
  const seen = new Set<string>()
  return events.filter(({ post_id, viewer, viewed_at }) => {
    if (viewer === null) return true
    const wall = DateTime.fromSQL(String(viewed_at), { zone: 'UTC' }).setZone(ZONE)
    const half = wall.minute < WINDOW_MINUTES ? 'first' : 'second'
    const name = `${post_id} ${viewer} ${wall.toFormat('yyyy-MM-dd HH')} ${half}`
    if (seen.has(name)) return false
    seen.add(name)
    return true
  })
}

/** Everything that differs, once nothing waits any more. */
export async function findViolations(database: TestDatabase, way: Way): Promise<readonly string[]> {
  const expected = await countTruth(database, way)
  const group = way === 'read' ? ['place', 'post_id'] : ['post_id']
  const rows = await database.query('SELECT * FROM counts')
  const found = new Map(
    rows.map((row) => [
      [...group.map((name) => row[name]), row.bucket_size, row.bucket_start].join(' '),
      row,
    ]),
  )
  const keys = [...new Set([...expected.keys(), ...found.keys()])]
  const wrong = keys.flatMap((key) => compare(key, expected.get(key), found.get(key), way))
  return [...wrong, ...(await findWrongTotals(database, expected)), ...(await findWrongLedger(database))]
}

function compare(
  key: string,
  expected: Counter | undefined,
  found: TestRow | undefined,
  way: Way,
): readonly string[] {
  // Which of a viewer's events is the first is decided by who commits first, so their likes may differ.
  const names = way === 'viewers' ? (['views', 'viewers'] as const) : (['views', 'likes'] as const)
  return names.flatMap((name) => {
    const wanted = name === 'viewers' ? (expected?.viewers.size ?? 0) : (expected?.[name] ?? 0)
    return wanted === Number(found?.[name] ?? 0) ? [] : [`${key}: ${found?.[name]} ${name}, not ${wanted}`]
  })
}

async function findWrongTotals(
  { query }: TestDatabase,
  expected: ReadonlyMap<string, Counter>,
): Promise<readonly string[]> {
  const posts = await query('SELECT id, view_count FROM posts')
  return posts.flatMap(({ id, view_count }) => {
    const days = [...expected].filter(([key]) => new RegExp(`(^| )${id} day `).test(key))
    const views = 1000 + days.reduce((sum, [, counter]) => sum + counter.views, 0)
    return Number(view_count) === views ? [] : [`total of ${id}: ${view_count}, not ${views}`]
  })
}

async function findWrongLedger({ query }: TestDatabase): Promise<readonly string[]> {
  const rows = await query(`SELECT bucket_size, SUM(views) AS views,
    (SELECT SUM(events) FROM rowkeeper_counted) AS events FROM counts GROUP BY bucket_size`)
  return rows
    .filter(({ views, events }) => Number(views) !== Number(events))
    .map(({ bucket_size, views, events }) => `${bucket_size}: ${views} counted, ${events} in the ledger`)
}
