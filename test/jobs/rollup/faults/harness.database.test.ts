import { describe, expect } from 'vitest'
import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { test } from '../../../support/rollup-job.ts'
import { findViolations } from './violations.ts'
import { jobs, look, tables, ways } from './world.ts'
import { startWriters } from './writers.ts'

describe('what the fault tests rest on', () => {
  test('writers alone lose nothing', async ({ database, openRollup }) => {
    await database.query(tables)
    await openRollup({ job: jobs.folded })
    const writers = await startWriters(database, 1)
    await systemClock.sleep(600, never)
    const written = await writers.stop()
    expect(written.committed).toBeGreaterThan(5)
    expect(await look(database.query)).toEqual([])
  })

  for (const way of ways) {
    test(`every planted fault is found (${way})`, async ({ database, openRollup }) => {
      await database.query(tables)
      const job = await openRollup({ job: jobs[way] })
      const writers = await startWriters(database, 2)
      await systemClock.sleep(600, never)
      await writers.stop()
      await job.run()
      expect(await findViolations(database, way)).toEqual([])
      const plant = async (change: string, undo: string) => {
        await database.query(change)
        const found = [...(await findViolations(database, way)), ...(await look(database.query))]
        await database.query(undo)
        return found.length
      }
      const [{ id } = {}] = await database.query('SELECT MAX(id) AS id FROM truth')
      expect(
        await plant(
          `INSERT INTO truth (post_id, place, likes, viewed_at) VALUES (1, 'blog', 1, '2026-10-31')`,
          `DELETE FROM truth WHERE id > ${id}`,
        ),
      ).toBeGreaterThan(0)
      expect(
        await plant(
          "UPDATE counts SET views = views + 1 WHERE bucket_size = 'hour' LIMIT 1",
          "UPDATE counts SET views = views - 1 WHERE bucket_size = 'hour' LIMIT 1",
        ),
      ).toBeGreaterThan(0)
      expect(
        await plant(
          'UPDATE posts SET view_count = view_count + 1 WHERE id = 2',
          'UPDATE posts SET view_count = view_count - 1 WHERE id = 2',
        ),
      ).toBeGreaterThan(0)
      expect(await findViolations(database, way)).toEqual([])
    })
  }
})
