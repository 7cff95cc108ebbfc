import { describe, expect } from 'vitest'
import { createStopControl, never } from '../../../src/lib/abort.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { test } from '../../support/rollup-job.ts'
import { openSession } from '../../support/session.ts'
import { findViolations } from './faults/violations.ts'
import { jobs, look, tables } from './faults/world.ts'
import { startWriters } from './faults/writers.ts'

describe('consume beside an application at work', () => {
  for (const workers of [1, 2, 4]) {
    test(`loses and doubles nothing with ${workers} at once`, async ({ database, openRollup }) => {
      await database.query(tables)
      const job = await openRollup({ job: { ...jobs.folded, workers, batch: { rows: 30 } } })
      const writers = await startWriters(database, workers)
      for (let run = 0; run < 5; run++) {
        const { result } = await job.run()
        expect(result.error).toBeUndefined()
        expect(await look(database.query)).toEqual([])
        await systemClock.sleep(200, never)
      }
      await writers.stop()
      await job.run()
      expect(await database.query('SELECT COUNT(*) AS events FROM events')).toEqual([{ events: '0' }])
      expect(await findViolations(database, 'folded')).toEqual([])
    })
  }

  test('counts an event with a low key that is committed after the run that counted the ones behind it', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    const job = await openRollup({ job: jobs.folded })
    const session = await openSession(database.url)
    const insert = (table: string) =>
      `INSERT INTO ${table} (post_id, place, likes, viewed_at) VALUES (1, 'blog', 1, '2026-10-31')`
    await session.query('START TRANSACTION')
    await session.change(insert('events'))
    await database.query(['events', 'events', 'truth', 'truth', 'truth'].map(insert).join('; '))
    const first = await job.run()
    expect(first.result.error).toBeUndefined()
    expect(first.result).toMatchObject({ exitCode: 0, counts: { events: 2 } })
    await session.query('COMMIT')
    await session.close()
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { events: 1, remaining: 0 } })
    expect(await findViolations(database, 'folded')).toEqual([])
  })

  test('does not wait for a row that somebody holds, nor for one behind the last it takes', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    const job = await openRollup({ job: jobs.folded, database: { timeouts: { lockWait: '1s' } } })
    const rows = Array.from({ length: 40 }, () => "(1, 'blog', 1, '2026-10-31')").join(', ')
    await database.query(`INSERT INTO events (post_id, place, likes, viewed_at) VALUES ${rows}`)
    const session = await openSession(database.url)
    await session.query('START TRANSACTION')
    await session.query('SELECT id FROM events WHERE id IN (1, 7, 20, 21, 40) FOR UPDATE')
    const begun = systemClock.elapsed()
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 0, counts: { events: 35, remaining: 5 } })
    expect(systemClock.elapsed() - begun).toBeLessThan(1000)
    await session.query('ROLLBACK')
    await session.close()
    expect((await job.run()).result).toMatchObject({ counts: { events: 5, remaining: 0 } })
  })

  test('leaves the rest to the next run when a limit is reached, and says so', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    const rows = Array.from({ length: 30 }, () => "(1, 'blog', 1, '2026-10-31')").join(', ')
    await database.query(
      `INSERT INTO events (post_id, place, likes, viewed_at) VALUES ${rows}; INSERT INTO truth SELECT * FROM events`,
    )
    const job = await openRollup({ job: { ...jobs.folded, batch: { rows: 7 } } })
    const { result } = await job.run({ limit: 20 })
    expect(result).toMatchObject({ exitCode: 3, status: 'partial', counts: { events: 20, remaining: 10 } })
    expect(result.next).toEqual(['rowkeeper run post-views'])
    expect(await look(database.query)).toEqual([])
    await job.run()
    expect(await findViolations(database, 'folded')).toEqual([])
  })

  test('knows what is left when it is stopped', async ({ database, openRollup }) => {
    await database.query(tables)
    const rows = Array.from({ length: 30 }, () => "(1, 'blog', 1, '2026-10-31')").join(', ')
    await database.query(`INSERT INTO events (post_id, place, likes, viewed_at) VALUES ${rows}`)
    const job = await openRollup({ job: { ...jobs.folded, workers: 1, batch: { rows: 10 } } })
    const control = createStopControl(systemClock, 20_000)
    const { result } = await job.run({
      control,
      reach: async (point) => {
        if (point === 'rollup.batch-committed') control.request('interrupted')
      },
    })
    expect(result).toMatchObject({ exitCode: 130, counts: { events: 10, remaining: 20 } })
  })

  test('leaves events without a time that can be one, says how many, and ends with 3', async ({
    database,
    openRollup,
  }) => {
    await database.query(`CREATE TABLE events (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NULL, viewed_at DATETIME NULL);
      SET SESSION sql_mode = '';
      INSERT INTO events (post_id, viewed_at) VALUES (1, '2026-01-01'), (NULL, '2026-01-01'), (1, NULL), (1, '0000-00-00')`)
    const job = await openRollup()
    const { result, report } = await job.run()
    expect(result).toMatchObject({
      exitCode: 3,
      counts: { events: 1, remaining: 3 },
      detail: { unusable: 3 },
    })
    expect(JSON.stringify(report)).toContain('3 events of events without a usable viewed_at')
    expect((await job.run()).result).toMatchObject({ exitCode: 3, counts: { events: 0 } })
  })
})
