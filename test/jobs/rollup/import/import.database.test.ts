import { appendFile, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect } from 'vitest'
import type { ConfiguredJob } from '../../../support/configured-job.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { test as rollupTest } from '../../../support/rollup-job.ts'

/** A folder of its own for the files of a test. */
const test = rollupTest.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-import-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
})

const log = new URL('./access-log.txt', import.meta.url)
const sizes = { sizes: ['hour', 'day'] }
/** A web log counted by path; only pages that were got. */
const ofPaths = {
  source: undefined,
  group: { path: 'path' },
  lines: { format: 'combined', where: { method: ['GET'], status: ['200', '304'] } },
  buckets: sizes,
}
const post = (line: Record<string, unknown>) => `${JSON.stringify(line)}\n`

function importing(job: ConfiguredJob, file: string, options: Record<string, string> = {}) {
  return job.verb('import', options, { arguments: { file } })
}

async function countsOf({ query }: TestDatabase, group = 'path'): Promise<Record<string, number>> {
  const rows = await query(
    `SELECT ${group} AS name, SUM(views) AS views FROM counts WHERE bucket_size = 'day' GROUP BY 1`,
  )
  return Object.fromEntries(rows.map(({ name, views }) => [String(name), Number(views)]))
}

/** Counted here, by other means. */
function countPaths(text: string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const line of text.split('\n')) {
    const [, request = '', after = ''] = line.split('"')
    const [method, path = ''] = request.split(' ')
    if (method === 'GET' && /^ (200|304) /.test(after)) counts[path] = (counts[path] ?? 0) + 1
  }
  return counts
}

describe('rollup import', () => {
  test('counts a web log as an independent count does, and never twice', async ({
    database,
    openRollup,
    folder,
  }) => {
    const job = await openRollup({ job: ofPaths })
    const text = await readFile(log, 'utf8')
    const expected = countPaths(text)
    const { result } = await importing(job, log.pathname)
    expect(result.error).toBeUndefined()
    const events = Object.values(expected).reduce((sum, count) => sum + count, 0)
    expect(result).toMatchObject({
      exitCode: 0,
      counts: { events, lines: 300, bad: 0, others: 300 - events },
    })
    expect(await countsOf(database)).toEqual(expected)
    expect((await importing(job, log.pathname)).result).toMatchObject({
      exitCode: 0,
      effect: 'none',
      counts: { events: 0 },
    })
    // Another name, and packed after the rotation: the same content.
    const packed = join(folder, 'access.log.1')
    await writeFile(packed, gzipSync(text))
    expect((await importing(job, packed)).result).toMatchObject({ exitCode: 0, counts: { events: 0 } })
    expect(await countsOf(database)).toEqual(expected)
  })

  test('counts only what a file has grown by, and leaves a line that is still being written', async ({
    database,
    openRollup,
    folder,
  }) => {
    const job = await openRollup({ job: ofPaths })
    const lines = (await readFile(log, 'utf8')).split('\n')
    const file = join(folder, 'access.log')
    const half = `${lines.slice(0, 150).join('\n')}\n`
    await writeFile(file, `${half}${lines[150]?.slice(0, 40)}`)
    const first = await importing(job, file)
    expect(first.result).toMatchObject({ exitCode: 0, detail: { left: 40 } })
    expect(await countsOf(database)).toEqual(countPaths(half))
    await copyFile(log, file)
    expect((await importing(job, file)).result).toMatchObject({ exitCode: 0, detail: { from: half.length } })
    expect(await countsOf(database)).toEqual(countPaths(lines.join('\n')))
    await appendFile(file, lines.slice(0, 1).join('\n'))
    expect((await importing(job, file)).result).toMatchObject({ counts: { events: 0 } })
  })

  test('knows a file again that grows by a few lines each time', async ({ openRollup, folder }) => {
    const job = await openRollup({ job: ofPaths })
    const [line = ''] = (await readFile(log, 'utf8')).split('\n')
    const file = join(folder, 'access.log')
    await writeFile(file, `${line}\n`.repeat(50))
    await importing(job, file)
    for (let times = 0; times < 3; times++) {
      await appendFile(file, `${line}\n`)
      const { result } = await importing(job, file)
      expect(result.error).toBeUndefined()
      expect(result).toMatchObject({ exitCode: 0, counts: { lines: 1, events: 1 } })
    }
  })

  test('reads JSON lines, nested fields, times of several forms, sums and different values', async ({
    database,
    openRollup,
    folder,
  }) => {
    await database.query(
      'CREATE TABLE posts (id INT NOT NULL PRIMARY KEY, view_count INT NOT NULL); INSERT INTO posts VALUES (7, 10)',
    )
    const job = await openRollup({
      job: {
        source: undefined,
        group: { post_id: 'post' },
        measures: { views: 'count', likes: 'sum:likes', viewers: 'unique:who' },
        lines: {
          format: 'ndjson',
          time: 'at',
          fields: { post: '/request/uri', who: 'user' },
          match: { '/request/uri': '^/posts/(\\d+)' },
        },
        buckets: { sizes: ['hour', 'day'], timeZone: 'Asia/Kathmandu' },
        total: { table: 'posts', columns: { view_count: 'views' } },
      },
    })
    const file = join(folder, 'events.json')
    await writeFile(
      file,
      [
        post({ at: '2026-05-01T18:14:59Z', request: { uri: '/posts/7?x' }, likes: 1, user: 'ann' }),
        post({ at: 1777659300, request: { uri: '/posts/7' }, likes: -1, user: 'ann' }),
        post({ at: 1777659300000, request: { uri: '/posts/7' }, likes: '1', user: 'bob' }),
        post({ at: '2026-05-01 18:15:00', request: { uri: '/about' }, likes: 1 }),
        post({ at: 'yesterday', request: { uri: '/posts/7' }, likes: 1 }),
        '{"at": \n',
        post({ at: '2026-05-01 18:15:00', request: { uri: '/posts/8' }, likes: 'many' }),
      ].join(''),
    )
    const { result } = await importing(job, file)
    expect(result).toMatchObject({ exitCode: 3, status: 'partial', counts: { events: 3, others: 1, bad: 3 } })
    expect(result.next).toEqual(['rowkeeper rollup bad-lines post-views'])
    expect(
      await database.query(
        "SELECT post_id, bucket_start, views, likes, viewers FROM counts WHERE bucket_size = 'day' ORDER BY 2",
      ),
    ).toEqual([
      { post_id: '7', bucket_start: '2026-05-01 00:00:00', views: '1', likes: '1', viewers: '1' },
      { post_id: '7', bucket_start: '2026-05-02 00:00:00', views: '2', likes: '0', viewers: '2' },
    ])
    const bad = await job.verb('bad-lines')
    expect(bad.result.detail.lines).toMatchObject([{ line: '5' }, { line: '6' }, { line: '7' }])
    expect((await importing(job, file)).result).toMatchObject({ exitCode: 0, counts: { events: 0, bad: 0 } })
  })

  test('reads CSV with a header, quotes and another zone', async ({ database, openRollup, folder }) => {
    const job = await openRollup({
      job: {
        source: undefined,
        group: { path: 'page' },
        lines: { format: 'csv', time: 'when' },
        buckets: sizes,
      },
      database: { dateTimeZone: 'Asia/Seoul' },
    })
    const file = join(folder, 'views.csv')
    await writeFile(
      file,
      'when,page,who\n2026-05-01 00:10:00,"/a,b",x\n2026-05-01T23:59,/c,y\n2026-05-01 10:00:00,/c\n',
    )
    expect((await importing(job, file)).result).toMatchObject({ exitCode: 3, counts: { events: 2, bad: 1 } })
    expect(await countsOf(database)).toEqual({ '/a,b': 1, '/c': 1 })
  })

  test('reads CSV records of several lines, each once, also while they are written', async ({
    database,
    openRollup,
    folder,
  }) => {
    const job = await openRollup({
      job: {
        source: undefined,
        group: { path: 'page' },
        lines: { format: 'csv', time: 'when' },
        buckets: sizes,
      },
    })
    const file = join(folder, 'views.csv')
    await writeFile(
      file,
      'when,"what was\nsaid",page\n2026-05-01,"one, ""two""\r\n\nthree",/a\r\n2026-05-01,odd,/b,more\n2026-05-01,"begun\n',
    )
    const first = await importing(job, file)
    expect(first.result).toMatchObject({
      exitCode: 3,
      counts: { events: 1, bad: 1, lines: 6 },
      detail: { left: 18, samples: [{ line: 6 }] },
    })
    expect(JSON.stringify(first.report)).toContain('with a quote that is not closed')
    await appendFile(file, 'and ended",/a\n2026-05-01,,/b\n')
    expect((await importing(job, file)).result).toMatchObject({
      exitCode: 0,
      counts: { events: 2, bad: 0, lines: 3 },
    })
    expect(await countsOf(database)).toEqual({ '/a': 2, '/b': 1 })
  })

  test('keeps a CSV line whose quote is never closed, and counts what follows', async ({
    database,
    openRollup,
    folder,
  }) => {
    const job = await openRollup({
      job: {
        source: undefined,
        group: { path: 'page' },
        lines: { format: 'csv', time: 'when' },
        buckets: sizes,
      },
    })
    const file = join(folder, 'views.csv')
    await writeFile(file, `when,page\n2026-05-01,"/a\n${'2026-05-01,/b\n'.repeat(10_000)}`)
    expect((await importing(job, file)).result).toMatchObject({
      exitCode: 3,
      counts: { events: 10_000, bad: 1 },
      detail: { samples: [{ line: 2, reason: 'its quote is not closed within 64 KiB' }] },
    })
    expect(await countsOf(database)).toEqual({ '/b': 10_000 })
  })

  test('adds to the counters of a table of events, bots apart', async ({ database, openRollup, folder }) => {
    await database.query(`CREATE TABLE events (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL, agent VARCHAR(200) NULL, viewed_at DATETIME NOT NULL);
      INSERT INTO events (post_id, viewed_at) VALUES (1, '2026-05-01')`)
    const job = await openRollup({
      job: {
        lines: { format: 'ndjson' },
        buckets: { sizes: ['day'] },
        filters: { bots: { column: 'agent' } },
      },
    })
    await job.run()
    const file = join(folder, 'events.json')
    await writeFile(
      file,
      post({ viewed_at: '2026-05-01 10:00:00', post_id: 1 }) +
        post({ viewed_at: '2026-05-01 10:00:00', post_id: 1, agent: 'Googlebot/2.1' }),
    )
    expect((await importing(job, file)).result).toMatchObject({
      exitCode: 0,
      counts: { events: 2, filtered: 1 },
    })
    expect(await database.query('SELECT series, views FROM counts ORDER BY series')).toEqual([
      { series: 'bots', views: '1' },
      { series: 'people', views: '2' },
    ])
  })

  test('goes on where an import died', async ({ database, openRollup }) => {
    const job = await openRollup({ job: ofPaths })
    for (const dies of ['rollup.lines-counted', 'rollup.lines-committed']) {
      const { result } = await job.verb(
        'import',
        {},
        {
          arguments: { file: log.pathname },
          reach: async (point) => {
            if (point === dies) throw new Error(`dies at ${point}`)
          },
        },
      )
      expect(result.error?.message).toContain('dies at')
    }
    expect((await importing(job, log.pathname)).result).toMatchObject({ exitCode: 0 })
    expect(await countsOf(database)).toEqual(countPaths(await readFile(log, 'utf8')))
  })

  test('says what it would count and writes nothing', async ({ database, openRollup }) => {
    const job = await openRollup({ job: ofPaths })
    await job.run().catch(() => {})
    const { result } = await importing(job, log.pathname, { dryRun: '' })
    expect(result).toMatchObject({ exitCode: 0, dryRun: true, counts: { lines: 300 } })
    expect(await database.query('SELECT COUNT(*) AS files FROM rowkeeper_file')).toEqual([{ files: '0' }])
  })

  test('refuses what is no text, not whole or not there, and changes nothing', async ({
    database,
    openRollup,
    folder,
  }) => {
    const job = await openRollup({ job: ofPaths })
    const packed = gzipSync(await readFile(log))
    const cases: readonly (readonly [string, Buffer | undefined, number, string])[] = [
      ['cut.gz', packed.subarray(0, packed.length - 20), 65, 'rollup.inputBroken'],
      ['binary.log', Buffer.from([80, 75, 0, 0, 1, 2]), 65, 'rollup.inputBinary'],
      ['latin1.log', Buffer.from('caf\xe9\n', 'latin1'), 65, 'rollup.inputBinary'],
      ['none.log', undefined, 66, 'rollup.inputMissing'],
    ]
    for (const [name, bytes, exitCode, code] of cases) {
      const file = join(folder, name)
      if (bytes !== undefined) await writeFile(file, bytes)
      expect((await importing(job, file)).result, name).toMatchObject({
        exitCode,
        effect: 'none',
        error: { code },
      })
    }
    expect((await importing(job, folder)).result).toMatchObject({ exitCode: 66 })
    expect((await importing(job, '-')).result).toMatchObject({
      exitCode: 64,
      error: { code: 'usage.batchIdNeeded' },
    })
    const file = join(folder, 'changed.log')
    const text = (await readFile(log, 'utf8')).repeat(2)
    await writeFile(file, text)
    await importing(job, file)
    const before = await countsOf(database)
    await writeFile(file, `${text.slice(0, -20)}${'x'.repeat(19)}\nmore\n`)
    expect((await importing(job, file)).result).toMatchObject({
      exitCode: 65,
      error: { code: 'rollup.inputChanged' },
    })
    expect(await countsOf(database)).toEqual(before)
  })

  test('refuses a job whose runs would set what is imported to nothing', async ({ database, openRollup }) => {
    await database.query(
      'CREATE TABLE events (id INT NOT NULL PRIMARY KEY, post_id INT NOT NULL, viewed_at DATETIME NOT NULL, KEY (viewed_at))',
    )
    const job = await openRollup({
      job: {
        source: { table: 'events', strategy: 'recompute', time: 'viewed_at' },
        lines: { format: 'ndjson' },
      },
    })
    expect((await importing(job, log.pathname)).result).toMatchObject({
      exitCode: 4,
      error: { code: 'rollup.importRefused' },
    })
  })

  test('refuses it also where the server is why runs recompute', async ({ database, openRollup }) => {
    await database.query(`CREATE TABLE events (id INT NOT NULL PRIMARY KEY, post_id INT NOT NULL, viewed_at DATETIME NOT NULL, KEY (viewed_at));
      CREATE TABLE notes (id INT PRIMARY KEY, event_id INT NULL, FOREIGN KEY (event_id) REFERENCES events (id))`)
    const job = await openRollup({
      job: { source: { table: 'events', time: 'viewed_at' }, lines: { format: 'ndjson' } },
    })
    expect((await job.plan()).result.detail).toMatchObject({ strategy: 'recompute' })
    expect((await importing(job, log.pathname)).result).toMatchObject({
      exitCode: 4,
      error: { code: 'rollup.importRefused' },
    })
  })
})
