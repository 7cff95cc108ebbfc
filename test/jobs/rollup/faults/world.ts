import type { Breakable } from '../../../support/break-run.ts'
import type { ConfiguredJob, RunOptions } from '../../../support/configured-job.ts'
import { cutConnections } from '../../../support/cut-connections.ts'
import type { TestDatabase, TestRow } from '../../../support/database.ts'

/**
 * How events are taken: folded by the server; read one by one, since they are counted by a text; with their viewers, of
 * whom different ones are counted and repeats are not.
 */
export type Way = 'folded' | 'read' | 'viewers'

export const ways: readonly Way[] = ['folded', 'read', 'viewers']

/** Events of which the truth is known, written in the same transactions. */
export const tables = `
  CREATE TABLE events (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL,
    place VARCHAR(20) COLLATE utf8mb4_bin NOT NULL, viewer INT NULL, likes TINYINT NOT NULL, viewed_at DATETIME(3) NOT NULL);
  CREATE TABLE truth LIKE events;
  CREATE TABLE posts (id INT NOT NULL PRIMARY KEY, view_count BIGINT NOT NULL, like_count BIGINT NOT NULL);
  INSERT INTO posts SELECT seq.id, 1000, 0 FROM (SELECT 1 AS id UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5) AS seq`

const ofAll = {
  measures: { views: 'count', likes: 'sum:likes' },
  total: { table: 'posts', key: 'id', of: 'post_id', columns: { view_count: 'views', like_count: 'likes' } },
  buckets: { sizes: ['hour', 'day', 'month'], timeZone: 'America/St_Johns' },
}

/** Keys of the job, by how it takes events. */
export const jobs: Readonly<Record<Way, Readonly<Record<string, unknown>>>> = {
  folded: ofAll,
  read: { ...ofAll, group: { place: 'place', post_id: 'post_id' } },
  viewers: {
    ...ofAll,
    measures: { ...ofAll.measures, viewers: 'unique:viewer' },
    filters: { repeats: { viewer: 'viewer', window: '30m' } },
  },
}

/** One statement sees one instant: what was told to the writers is counted, or there to be counted. */
const lookStatement = `SELECT (SELECT COUNT(*) FROM truth) AS truth, (SELECT COUNT(*) FROM events) AS waiting,
  (SELECT COALESCE(SUM(events), 0) FROM rowkeeper_counted) + (SELECT COALESCE(SUM(filtered), 0) FROM rowkeeper_counted) AS counted`

export function findLost({ truth, waiting, counted }: TestRow): readonly string[] {
  const found = Number(waiting) + Number(counted)
  return Number(truth) === found
    ? []
    : [`${truth} events were written, ${waiting} wait, ${counted} are counted`]
}

export async function look(query: TestDatabase['query']): Promise<readonly string[]> {
  const [row = {}] = await query(lookStatement)
  return findLost(row)
}

/** Runs of this job, to be broken; its writers and its observer stay connected. */
export function breakable(
  database: TestDatabase,
  job: ConfiguredJob,
  { spared, ...options }: { readonly spared: readonly string[] } & RunOptions,
): Breakable {
  return {
    start: (how) => job.startBinary(['run', 'post-views'], how),
    run: (how) => job.run({ ...options, ...how }),
    cut: () => cutConnections(database, { spared }),
  }
}
