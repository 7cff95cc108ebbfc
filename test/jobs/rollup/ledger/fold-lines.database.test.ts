import { expect } from 'vitest'
import { test } from '../../../support/rollup-job.ts'

const sums = `SELECT job, CAST(day AS CHAR) AS day, origin, COUNT(*) AS line_count, SUM(events) AS events, SUM(filtered) AS filtered
  FROM rowkeeper_counted GROUP BY job, day, origin ORDER BY job, day, origin`

function line(job: string, day: string, origin: string, age: number) {
  return `('${job}', '${day}', 'r', '${origin}', 3, 1, '{"views":"3"}', UTC_TIMESTAMP(3) - INTERVAL ${age} DAY)`
}

test('a run makes one line of a day of many old ones, and leaves new ones, few ones and those of others', async ({
  database,
  openRollup,
}) => {
  await database.query(
    'CREATE TABLE events (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL, viewed_at DATETIME NOT NULL)',
  )
  const job = await openRollup()
  const many = (length: number, text: string) => Array.from({ length }, () => text)
  await database.query(`INSERT INTO rowkeeper_counted (job, day, run_id, origin, events, filtered, amounts, created_at) VALUES
    ${[
      ...many(120, line('post-views', '2026-04-01', 'table', 31)),
      ...many(2, line('post-views', '2026-04-01', 'table', 29)),
      ...many(100, line('post-views', '2026-04-01', 'file', 40)),
      ...many(99, line('post-views', '2026-04-02', 'table', 40)),
      ...many(120, line('others', '2026-04-01', 'table', 40)),
    ].join(', ')}`)
  await database.query('INSERT INTO events (post_id, viewed_at) VALUES (1, NOW())')
  const { result } = await job.run()
  expect(result).toMatchObject({ exitCode: 0 })
  const lines = (await database.query(sums)).filter(({ day }) => String(day).startsWith('2026-04'))
  expect(lines.map((row) => Object.values(row).join(' '))).toEqual([
    'others 2026-04-01 table 120 360 120',
    'post-views 2026-04-01 file 1 300 100',
    'post-views 2026-04-01 table 3 366 122',
    'post-views 2026-04-02 table 99 297 99',
  ])
  expect(
    await database.query(
      `SELECT amounts FROM rowkeeper_counted WHERE job = 'post-views' AND events > 3 ORDER BY origin`,
    ),
  ).toEqual([{ amounts: '{"views":"300"}' }, { amounts: '{"views":"360"}' }])
})
