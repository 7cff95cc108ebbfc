import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { type Breakable, breakRun } from '../../../support/break-run.ts'
import type { ConfiguredJob } from '../../../support/configured-job.ts'
import { cutConnections } from '../../../support/cut-connections.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { test as rollupTest } from '../../../support/rollup-job.ts'
import { isAll, listCases, seed } from './cases.ts'

const test = rollupTest.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-import-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
})

const points = ['rollup.lines-counted', 'rollup.lines-committed'] as const

/** Files are read in blocks of 512 KiB, each of them a batch here: there are three. */
const LINES = 21_000
const POSTS = 3
/** Each file has other lines, since one that is known is not read again. */
const makeLines = (file: number) =>
  Array.from({ length: LINES }, (_, line) =>
    JSON.stringify({ post: 1 + (line % POSTS), time: `2026-04-01T12:00:00Z`, file, line }),
  )

function breakable(database: TestDatabase, job: ConfiguredJob, file: string): Breakable {
  return {
    start: (how) => job.startBinary(['rollup', 'import', 'post-views', file], how),
    run: (how) => job.verb('import', {}, { arguments: { file }, ...how }),
    cut: () => cutConnections(database),
  }
}

describe.runIf(isAll)(`rollup import under faults (seed ${seed})`, () => {
  test('broken at every point and started again, every line is counted once', async ({
    database,
    openRollup,
    folder,
  }) => {
    const job = await openRollup({
      job: {
        source: undefined,
        group: { post_id: 'post' },
        lines: { format: 'ndjson', time: 'time' },
        batch: { rows: 2000 },
      },
    })
    const cases = listCases(points, 2)
    for (const [index, broken] of cases.entries()) {
      const file = join(folder, `${index}.json`)
      await writeFile(file, `${makeLines(index).join('\n')}\n`)
      await breakRun(breakable(database, job, file), broken)
      const { result } = await job.verb('import', {}, { arguments: { file } })
      expect(result, `${broken.fault} at ${broken.point}`).toMatchObject({ exitCode: 0 })
    }
    const counted = await database.query(
      'SELECT bucket_size, CAST(SUM(views) AS CHAR) AS views FROM counts GROUP BY bucket_size, post_id',
    )
    const views = String((cases.length * LINES) / POSTS)
    expect(counted).toHaveLength(3 * POSTS)
    expect(new Set(counted.map((row) => row.views))).toEqual(new Set([views]))
    expect(await database.query('SELECT CAST(SUM(events) AS CHAR) AS events FROM rowkeeper_counted')).toEqual(
      [{ events: String(cases.length * LINES) }],
    )
  }, 180_000)
})
