import { describe, expect } from 'vitest'
import { never } from '../../../src/lib/abort.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import type { TestDatabase } from '../../support/database.ts'
import { createHurriedClock } from '../../support/hurried-clock.ts'
import { test } from '../../support/rollup-job.ts'
import { openSession } from '../../support/session.ts'
import { findViolations } from './faults/violations.ts'
import { jobs, tables } from './faults/world.ts'
import { startWriters } from './faults/writers.ts'

const rotate = { table: 'events', strategy: 'rotate', time: 'viewed_at' }
const rows = (count: number) =>
  Array.from({ length: count }, () => "(1, 'blog', 1, '2026-10-31 12:00:00')").join(', ')
const columns = '(post_id, place, likes, viewed_at)'

async function asides({ query }: TestDatabase): Promise<readonly string[]> {
  const found = await query("SHOW TABLES LIKE 'events\\_\\_rk%'")
  return found.map((row) => String(Object.values(row)[0]))
}

async function waitFor(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await systemClock.sleep(20, never)
}

describe('rotate', () => {
  test('puts the table aside, counts it in chunks and drops it', async ({ database, openRollup }) => {
    await database.query(
      `${tables}; INSERT INTO events ${columns} VALUES ${rows(90)}; INSERT INTO truth SELECT * FROM events`,
    )
    const job = await openRollup({ job: { ...jobs.folded, source: rotate, batch: { rows: 5 } } })
    const planned = await job.plan()
    expect(planned.result).toMatchObject({ detail: { strategy: 'rotate' }, counts: { events: 90 } })
    const { result } = await job.run()
    expect(result.error).toBeUndefined()
    expect(result).toMatchObject({ exitCode: 0, counts: { events: 90, remaining: 0 } })
    expect(await asides(database)).toEqual([])
    expect(await findViolations(database, 'folded')).toEqual([])
    // Numbers go on behind those that were drawn before.
    await database.query(`INSERT INTO events ${columns} VALUES ${rows(1)}`)
    expect(Number((await database.query('SELECT id FROM events'))[0]?.id)).toBeGreaterThan(90)
    await database.query('INSERT INTO truth SELECT * FROM events')
    expect((await job.run()).result).toMatchObject({ counts: { events: 1 } })
    expect((await job.run()).result).toMatchObject({ exitCode: 0, effect: 'none', counts: { events: 0 } })
    expect(await findViolations(database, 'folded')).toEqual([])
  })

  test('keeps a counted table for as long as hold says', async ({ database, openRollup }) => {
    await database.query(`${tables}; INSERT INTO events ${columns} VALUES ${rows(3)}`)
    const job = await openRollup({ job: { ...jobs.folded, source: { ...rotate, hold: '7 days' } } })
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { events: 3 } })
    const [held = ''] = await asides(database)
    expect(await database.query(`SELECT COUNT(*) AS events FROM ${held}`)).toEqual([{ events: '3' }])
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { events: 0 } })
    expect(await asides(database)).toEqual([held])
    await database.query('UPDATE rowkeeper_segment SET held_until = UTC_TIMESTAMP(3)')
    await job.run()
    expect(await asides(database)).toEqual([])
  })

  test('loses nothing that is written while the names change', async ({ database, openRollup }) => {
    await database.query(tables)
    for (const way of ['folded', 'read'] as const) {
      const job = await openRollup({
        job: { ...jobs[way], into: { table: `counts_${way}` }, source: rotate, batch: { rows: 20 } },
      })
      const writers = await startWriters(database, 3)
      for (let run = 0; run < 4; run++) {
        const { result } = await job.run()
        expect(result.error).toBeUndefined()
        await systemClock.sleep(150, never)
      }
      const written = await writers.stop()
      expect(written.committed).toBeGreaterThan(10)
      await job.run()
      await database.query(`CREATE OR REPLACE VIEW counts AS SELECT * FROM counts_${way}`)
      expect(await findViolations(database, way)).toEqual([])
      await database.query(
        'DELETE FROM truth; DELETE FROM rowkeeper_counted; UPDATE posts SET view_count = 1000, like_count = 0',
      )
    }
  })

  test('gives no number twice, however many are drawn while the names change', async ({
    database,
    openRollup,
  }) => {
    await database.query(`${tables}; INSERT INTO events ${columns} VALUES ${rows(3)}`)
    const job = await openRollup({ job: { ...jobs.folded, source: { ...rotate, hold: '7 days' } } })
    const session = await openSession(database.url)
    await session.query('START TRANSACTION')
    await session.query(`INSERT INTO events ${columns} VALUES ${rows(1)}`)
    const running = job.run()
    await waitFor(async () => (await asides(database)).includes('events__rk_next'))
    await session.query(`INSERT INTO events ${columns} VALUES ${rows(1500)}`)
    await session.query('COMMIT')
    await session.close()
    expect((await running).result).toMatchObject({ exitCode: 0, counts: { events: 1504 } })
    await database.query(`INSERT INTO events ${columns} VALUES ${rows(1)}`)
    const [aside = ''] = await asides(database)
    const [ids] = await database.query(
      `SELECT (SELECT MAX(id) FROM ${aside}) AS before_it, (SELECT MIN(id) FROM events) AS behind_it`,
    )
    expect(Number(ids?.behind_it)).toBeGreaterThan(Number(ids?.before_it))
  })

  test('uses up few numbers', async ({ database, openRollup }) => {
    await database.query(tables)
    const job = await openRollup({ job: { ...jobs.folded, source: rotate } })
    for (let run = 0; run < 3; run++) {
      await database.query(`INSERT INTO events ${columns} VALUES ${rows(3)}`)
      expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { events: 3 } })
    }
    await database.query(`INSERT INTO events ${columns} VALUES ${rows(1)}`)
    expect(Number((await database.query('SELECT id FROM events'))[0]?.id)).toBeLessThan(4000)
  })

  test('is refused before numbers would begin at 1 again', async ({ database, openRollup }) => {
    await database.query(
      `${tables}; ALTER TABLE events MODIFY id SMALLINT NOT NULL AUTO_INCREMENT, AUTO_INCREMENT = 32500;
        INSERT INTO events ${columns} VALUES ${rows(2)}`,
    )
    const job = await openRollup({ job: { ...jobs.folded, source: rotate } })
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 4, effect: 'none' })
    expect(JSON.stringify(result.error)).toMatch(
      /id \(smallint(\(6\))?\) has drawn its numbers up to 32,501; the new table would begin at 33,502/,
    )
    expect(await asides(database)).toEqual([])
    await job.configure({ job: { ...jobs.folded, source: { ...rotate, strategy: 'auto', hold: '1 day' } } })
    expect((await job.run()).result).toMatchObject({ exitCode: 0, detail: { strategy: 'consume' } })
  })

  test('gives up with 75 while somebody keeps the table open, and nothing is changed', async ({
    database,
    openRollup,
  }) => {
    await database.query(`${tables}; INSERT INTO events ${columns} VALUES ${rows(3)}`)
    const job = await openRollup({
      job: { ...jobs.folded, source: rotate },
      database: { timeouts: { lockWait: '1s' } },
    })
    const session = await openSession(database.url)
    await session.query('START TRANSACTION')
    await session.query('SELECT * FROM events LIMIT 1')
    const { result } = await job.run({ clock: createHurriedClock(20) })
    expect(result).toMatchObject({ exitCode: 75, error: { code: 'lock.notHad' } })
    expect(await asides(database)).toEqual([])
    await session.query('ROLLBACK')
    await session.close()
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { events: 3 } })
  })

  test('goes on wherever a run dies', async ({ database, openRollup }) => {
    await database.query(tables)
    const job = await openRollup({ job: { ...jobs.folded, source: rotate, batch: { rows: 5 } } })
    const points = [
      'rollup.segment-noted',
      'ddl.recorded',
      'ddl.done',
      'rollup.table-put-aside',
      'rollup.chunk-advanced',
      'rollup.chunk-counted',
      'rollup.segment-settled',
      'rollup.segment-dropped',
    ]
    for (const dies of points) {
      await database.query(
        `INSERT INTO events ${columns} VALUES ${rows(30)}; INSERT INTO truth ${columns} VALUES ${rows(30)}`,
      )
      let reached = false
      const { result } = await job.run({
        async reach(point) {
          if (point !== dies || reached) return
          reached = true
          throw new Error(`dies at ${point}`)
        },
      })
      expect(result.error?.message, dies).toContain(`dies at ${dies}`)
    }
    for (let run = 0; run < 2; run++) {
      const { result } = await job.run()
      expect(result.error).toBeUndefined()
    }
    expect(await asides(database)).toEqual([])
    expect(await findViolations(database, 'folded')).toEqual([])
  })

  test('keeps a table with events that belong into no bucket, and says so each time', async ({
    database,
    openRollup,
  }) => {
    await database.query(`CREATE TABLE events (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL, viewed_at DATETIME NULL);
      INSERT INTO events (post_id, viewed_at) VALUES (1, '2026-01-01'), (1, NULL)`)
    const job = await openRollup({ job: { source: rotate } })
    const { result, report } = await job.run()
    expect(result).toMatchObject({ exitCode: 3, counts: { events: 1 } })
    expect(JSON.stringify(report)).toContain('is counted and kept: 1 event in it without a usable viewed_at')
    expect((await job.run()).result).toMatchObject({ exitCode: 3, counts: { events: 0 } })
  })

  test('is refused where the new table would lack something', async ({ database, openRollup }) => {
    await database.query(
      `${tables}; CREATE TRIGGER noted AFTER INSERT ON events FOR EACH ROW SET @last = NEW.id`,
    )
    const job = await openRollup({ job: { ...jobs.folded, source: rotate } })
    const { result } = await job.plan()
    expect(result).toMatchObject({ exitCode: 4 })
    expect(JSON.stringify(result.error)).toContain('the trigger noted would go away')
  })

  test('counts what was put aside also when later runs consume', async ({ database, openRollup }) => {
    await database.query(
      `${tables}; INSERT INTO events ${columns} VALUES ${rows(30)}; INSERT INTO truth SELECT * FROM events`,
    )
    const job = await openRollup({ job: { ...jobs.folded, source: rotate, batch: { rows: 2 } } })
    const limited = await job.run({ limit: 10 })
    expect(limited.result).toMatchObject({ exitCode: 3, counts: { events: 10, remaining: 20 } })
    // With the limit used up on the old table, no further one is put aside.
    await database.query(
      `INSERT INTO events ${columns} VALUES ${rows(1)}; INSERT INTO truth ${columns} VALUES ${rows(1)}`,
    )
    await job.run({ limit: 5 })
    expect(await asides(database)).toHaveLength(1)
    await job.configure({ job: { ...jobs.folded, source: { table: 'events', time: 'viewed_at' } } })
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 0, counts: { events: 16, remaining: 0 } })
    expect(await asides(database)).toEqual([])
    expect(await findViolations(database, 'folded')).toEqual([])
  })

  test('leaves where it is what was only going to be put aside when later runs consume', async ({
    database,
    openRollup,
  }) => {
    await database.query(
      `${tables}; ALTER TABLE events MODIFY id SMALLINT NOT NULL AUTO_INCREMENT; INSERT INTO events ${columns} VALUES ${rows(3)}`,
    )
    const job = await openRollup({ job: { ...jobs.folded, source: rotate } })
    await job.run({
      async reach(point) {
        if (point === 'rollup.segment-noted') throw new Error('dies')
      },
    })
    await database.query(
      'ALTER TABLE events AUTO_INCREMENT = 32500; CREATE TABLE events__rk_next LIKE events',
    )
    expect((await job.run()).result).toMatchObject({ exitCode: 4 })
    await job.configure({ job: { ...jobs.folded, source: { ...rotate, strategy: 'consume' } } })
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { events: 3, remaining: 0 } })
    expect(await asides(database)).toEqual([])
    expect((await job.run()).result).toMatchObject({ exitCode: 0, effect: 'none' })
  })

  test('takes a kept table for dropped once somebody dropped it', async ({ database, openRollup }) => {
    await database.query(`CREATE TABLE events (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL, viewed_at DATETIME NULL);
      INSERT INTO events (post_id, viewed_at) VALUES (1, NULL)`)
    const job = await openRollup({ job: { source: rotate } })
    expect((await job.run()).result).toMatchObject({ exitCode: 3 })
    await database.query(`DROP TABLE ${(await asides(database))[0]}`)
    expect((await job.run()).result).toMatchObject({ exitCode: 0 })
  })

  test('is refused on counters that were set and not added to, and the other way round', async ({
    database,
    openRollup,
  }) => {
    await database.query(
      `${tables}; CREATE INDEX by_time ON events (viewed_at); INSERT INTO events ${columns} VALUES ${rows(2)}`,
    )
    const recompute = { table: 'events', strategy: 'recompute', time: 'viewed_at' }
    const job = await openRollup({ job: { ...jobs.folded, source: recompute } })
    expect((await job.run()).result).toMatchObject({ exitCode: 0 })
    for (const source of [rotate, { ...rotate, strategy: 'consume' }]) {
      await job.configure({ job: { ...jobs.folded, source } })
      const { result } = await job.run()
      expect(result).toMatchObject({ exitCode: 4, effect: 'none' })
      expect(JSON.stringify(result.error)).toContain('was counted with recompute until now')
    }
    await job.configure({ job: { ...jobs.folded, source: rotate, into: { table: 'others' } } })
    await database.query("UPDATE rowkeeper_rollup SET strategy = 'consume'; CREATE TABLE others LIKE counts")
    await job.configure({ job: { ...jobs.folded, source: recompute } })
    expect((await job.run()).result).toMatchObject({ exitCode: 4 })
  })
})
