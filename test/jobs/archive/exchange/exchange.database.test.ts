import { describe, expect } from 'vitest'
import type { ArchiveJob } from '../../../support/archive-job.ts'
import { test } from '../../../support/archive-job.ts'
import { readExact } from '../../../support/archive-tables.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { createHurriedClock } from '../../../support/hurried-clock.ts'
import { openSession } from '../../../support/session.ts'
import { testServer } from '../../../support/test-server.ts'
import { addOrders, countByPartition, heldTables, makeMonthlyOrders, partitionsOf } from './monthly-orders.ts'

/** Every row there is, wherever it lies, and each once. */
async function readEverywhere(database: TestDatabase): Promise<readonly string[]> {
  const held = (await heldTables(database)).map((row) => String(Object.values(row)[0]))
  const [made] = await database.query("SHOW TABLES LIKE 'orders_archive'")
  const places = ['orders', ...(made === undefined ? [] : ['orders_archive']), ...held]
  const rows: string[] = []
  for (const place of places) rows.push(...(await readExact(database, place)))
  return rows.toSorted()
}

/** The steps of the plan by month, and what it says beside. */
async function planned(job: ArchiveJob) {
  const { result } = await job.plan()
  const { months, notes, kept } = result.detail as {
    months: readonly { month: string; how: string }[]
    notes: readonly string[]
    kept: readonly { reason: string }[]
  }
  return {
    months: months.map(({ month, how }) => `${month} ${how}`),
    notes,
    kept: kept.map(({ reason }) => reason),
  }
}

describe('whole months', () => {
  test('go without copying a row, and the next id stays the next id', async ({ database, openArchive }) => {
    await makeMonthlyOrders(database, { june: 40, july: 40 })
    await database.query("INSERT INTO orders (id, created_at) VALUES (5000, '2005-06-20')")
    const job = await openArchive()
    const before = await readExact(database, 'orders')
    expect((await planned(job)).months).toEqual(['2005-06 exchange', '2005-07 exchange'])
    expect((await job.run({ limit: 39 })).result).toMatchObject({ exitCode: 3, counts: { archived: 0 } })
    const { result } = await job.run()
    expect(result).toMatchObject({
      status: 'succeeded',
      exitCode: 0,
      counts: { eligible: 81, archived: 81, deleted: 81, months: 2, partitionsDropped: 2 },
      detail: { months: { '2005-06': { rows: 41, how: 'exchange' }, '2005-07': { rows: 40 } } },
    })
    expect(await readEverywhere(database)).toEqual(before)
    expect(await countByPartition(database, 'orders_archive')).toBe('p200506 41, p200507 40')
    expect(await partitionsOf(database, 'orders')).toEqual(['p200508', 'recent'])
    expect(await heldTables(database)).toEqual([])
    expect(await job.months()).toMatchObject([
      { month: '2005-06', state: 'open', row_count: '41', held_table: null, verified_at: expect.any(String) },
      { month: '2005-07', state: 'open', row_count: '40' },
    ])
    await database.query('INSERT INTO orders (created_at) VALUES (NOW())')
    const [next] = await database.query('SELECT MAX(id) AS id FROM orders')
    expect(next).toEqual({ id: '5001' })
    expect((await job.plan()).hasWork).toBe(false)
  })

  // Once June's partition is gone, July's reaches down to the bound below it.
  test('go one after the other above an older partition', async ({ database, openArchive }) => {
    await makeMonthlyOrders(database, { june: 40, july: 40 })
    await database.query(`ALTER TABLE orders REORGANIZE PARTITION p200506 INTO (
      PARTITION start VALUES LESS THAN ('2000-01-01'), PARTITION p200506 VALUES LESS THAN ('2005-07-01'))`)
    const job = await openArchive()
    const before = await readExact(database, 'orders')
    expect((await job.run()).result).toMatchObject({
      exitCode: 0,
      counts: { archived: 80, partitionsDropped: 2 },
      detail: { months: { '2005-06': { how: 'exchange' }, '2005-07': { how: 'exchange' } } },
    })
    await addOrders(database, '2005-08-01', 5)
    expect((await planned(job)).months).toEqual(['2005-08 exchange'])
    await addOrders(database, '2005-06-10', 3)
    const added = await readExact(database, 'orders')
    expect((await job.run()).result).toMatchObject({
      exitCode: 0,
      counts: { archived: 8, partitionsDropped: 1 },
      detail: { months: { '2005-06': { how: 'batches' }, '2005-08': { how: 'exchange' } } },
    })
    expect(await partitionsOf(database, 'orders')).toEqual(['start', 'recent'])
    expect(await readEverywhere(database)).toEqual([...new Set([...before, ...added])].toSorted())
  })

  test('of a TIMESTAMP go too', async ({ database, openArchive }) => {
    await database.query(`CREATE TABLE orders (id INT NOT NULL, made_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
      PRIMARY KEY (made_at, id)) PARTITION BY RANGE (UNIX_TIMESTAMP(made_at)) (
        PARTITION june VALUES LESS THAN (UNIX_TIMESTAMP('2005-06-30 15:00:00')),
        PARTITION july VALUES LESS THAN (UNIX_TIMESTAMP('2005-07-31 15:00:00')),
        PARTITION rest VALUES LESS THAN (MAXVALUE))`)
    await database.query(
      "INSERT INTO orders VALUES (1, '2005-06-30 14:59:59'), (2, '2005-06-30 15:00:00'), (3, NOW())",
    )
    const job = await openArchive({
      job: { age: { column: 'made_at', olderThan: '13 months', timeZone: 'Asia/Seoul' } },
    })
    expect((await planned(job)).months).toEqual(['2005-06 exchange', '2005-07 exchange'])
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 2 } })
    expect(await countByPartition(database, 'orders_archive')).toBe('p200506 1, p200507 1')
    expect(await partitionsOf(database, 'orders')).toEqual(['rest'])
  })

  test('can be gone on with wherever a run dies', async ({ database, openArchive }) => {
    await makeMonthlyOrders(database, { june: 5 })
    const job = await openArchive()
    const before = await readExact(database, 'orders')
    const points = [
      'begun',
      'held-made',
      'taken-out',
      'proven',
      'put-in',
      'held-dropped',
      'closed',
      'source-dropped',
    ]
    for (const point of points) {
      const { result } = await job.run({
        reach: async (name) => {
          if (name === `archive.exchange-${point}`) throw new Error(`dies at ${point}`)
        },
      })
      expect([point, result.error?.message]).toEqual([point, expect.stringContaining(`dies at ${point}`)])
      expect([point, await readEverywhere(database)]).toEqual([point, before])
    }
    expect((await job.run()).result).toMatchObject({ exitCode: 0 })
    expect(await readEverywhere(database)).toEqual(before)
    expect(await countByPartition(database, 'orders_archive')).toBe('p200506 5')
    expect(await partitionsOf(database, 'orders')).toEqual(['p200507', 'p200508', 'recent'])
    expect(await heldTables(database)).toEqual([])
  })

  test('that get late rows keep their partition until those are gone too', async ({
    database,
    openArchive,
  }) => {
    await makeMonthlyOrders(database, { june: 5 })
    const job = await openArchive()
    await job.run({
      reach: async (name) => {
        if (name === 'archive.exchange-proven') await addOrders(database, '2005-06-29', 1)
      },
    })
    expect(await countByPartition(database, 'orders')).toBe('p200506 1, recent 1')
    const before = await readEverywhere(database)
    expect((await planned(job)).months).toEqual(['2005-06 batches'])
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 1 } })
    expect((await job.run()).result.counts).toMatchObject({ archived: 0, partitionsDropped: 1 })
    expect(await partitionsOf(database, 'orders')).toEqual(['p200507', 'p200508', 'recent'])
    expect(await readEverywhere(database)).toEqual(before)
    expect((await job.plan()).hasWork).toBe(false)
  })
})

describe('months that cannot be exchanged', () => {
  test('are moved in batches into a partition that holds rows already', async ({ database, openArchive }) => {
    await makeMonthlyOrders(database, { june: 5, july: 5 })
    const job = await openArchive()
    await job.run({ limit: 0 })
    await database.query("INSERT INTO orders_archive (id, created_at) VALUES (99, '2005-06-02')")
    const { months, notes } = await planned(job)
    expect(months).toEqual(['2005-06 batches', '2005-07 exchange'])
    expect(notes).toContain('2005-06: moved in batches, for orders_archive holds rows of it already.')
    const before = await readEverywhere(database)
    expect((await job.run()).result).toMatchObject({ counts: { archived: 10 } })
    expect(await readEverywhere(database)).toEqual(before)
  })

  test('are copied from the held table when somebody fills the partition meanwhile', async ({
    database,
    openArchive,
  }) => {
    await makeMonthlyOrders(database, { june: 5 })
    const job = await openArchive({ job: { batch: { rows: 2 } } })
    let foreign = 99
    const { result } = await job.run({
      reach: async (name) => {
        if (name === 'archive.exchange-proven' && foreign === 99)
          await database.query(
            `INSERT INTO orders_archive (id, created_at) VALUES (${foreign++}, '2005-06-02')`,
          )
      },
    })
    expect(result).toMatchObject({
      exitCode: 3,
      counts: { archived: 5 },
      detail: {
        leftReasons: [
          expect.stringContaining('2005-06 is in the archive table, together with rows of unknown'),
        ],
      },
    })
    expect(await countByPartition(database, 'orders_archive')).toBe('p200506 6')
    expect(await heldTables(database)).toEqual([])
    expect(await job.months()).toMatchObject([{ state: 'unproven', held_table: null }])
  })

  test('wait until they are over', async ({ database, openArchive }) => {
    await makeMonthlyOrders(database, { june: 5 })
    const [now] = await database.query(
      "SELECT DATE_FORMAT(NOW() - INTERVAL 13 MONTH, '%Y-%m') AS month, DATE_FORMAT(NOW() - INTERVAL 12 MONTH, '%Y-%m') AS next",
    )
    const month = String(now?.month)
    await database.query(`ALTER TABLE orders REORGANIZE PARTITION recent INTO (
      PARTITION earlier VALUES LESS THAN ('${month}-01'),
      PARTITION waiting VALUES LESS THAN ('${now?.next}-01'), PARTITION recent VALUES LESS THAN (MAXVALUE))`)
    await addOrders(database, `${month}-01`, 1)
    const job = await openArchive()
    const { months, kept } = await planned(job)
    expect(months).toEqual(['2005-06 exchange'])
    expect(kept).toEqual([`${month} is exchanged as a whole when it is over`])
    await job.run()
    expect(await countByPartition(database, 'orders')).toBe('waiting 1, recent 1')
  })

  test('say why in the plan', async ({ database, openArchive }) => {
    await makeMonthlyOrders(database, { june: 1 })
    const job = await openArchive({ job: { where: "status = 'DONE'" } })
    const reasonWith = async (keys: Readonly<Record<string, unknown>>) => {
      await job.configure({ job: keys })
      const { months, notes } = await planned(job)
      expect(months).toEqual(['2005-06 batches'])
      return notes.find((note) => note.startsWith('orders is partitioned by month'))
    }
    expect(await reasonWith({ where: "status = 'DONE'" })).toMatch(
      /in batches: where says that some rows may have to stay\.$/,
    )
    await database.query('CREATE TRIGGER gone BEFORE DELETE ON orders FOR EACH ROW SET @gone = OLD.id')
    expect(await reasonWith({})).toMatch(/in batches: its DELETE triggers would not fire\.$/)
    await database.query('DROP TRIGGER gone')
    await job.run({ limit: 0 })
    await database.query('ALTER TABLE orders_archive DROP INDEX orders_by_age')
    expect(await reasonWith({})).toMatch(/in batches: orders_archive has other indexes\.$/)
  })

  test.runIf(testServer().family === 'mysql')(
    'because columns were added at once go in batches on MySQL, with the cure',
    async ({ database, openArchive }) => {
      await makeMonthlyOrders(database, { june: 3 })
      await database.query('ALTER TABLE orders ADD COLUMN extra INT NULL, ALGORITHM=INSTANT')
      const job = await openArchive()
      const { months, notes } = await planned(job)
      expect(months).toEqual(['2005-06 batches'])
      const cure = 'ALTER TABLE orders FORCE, ALGORITHM=INPLACE, LOCK=NONE'
      expect(notes.join()).toContain(cure)
      await database.query(cure)
      expect((await planned(job)).months).toEqual(['2005-06 exchange'])
    },
  )

  test('stay when the table is altered in the middle', async ({ database, openArchive }) => {
    await makeMonthlyOrders(database, { june: 3 })
    const job = await openArchive()
    let isDone = false
    const { result } = await job.run({
      reach: async (name) => {
        if (name !== 'archive.exchange-held-made' || isDone) return
        isDone = true
        await database.query('ALTER TABLE orders ADD COLUMN extra INT NULL')
      },
    })
    expect(result.detail.leftReasons).toEqual([
      'orders was altered meanwhile; 2005-06 waits for the next run',
    ])
    expect(await countByPartition(database, 'orders')).toContain('p200506 3')
    expect(await heldTables(database)).toEqual([])
  })
})

describe('a live table', () => {
  test('that somebody reads for long is left alone, and the run says who', async ({
    database,
    openArchive,
  }) => {
    await makeMonthlyOrders(database, { june: 3 })
    const job = await openArchive({ database: { timeouts: { lockWait: '1s', statement: '2h' } } })
    const before = await readExact(database, 'orders')
    const reader = await openSession(database.url)
    await reader.query('START TRANSACTION')
    await reader.query('SELECT * FROM orders LIMIT 1')
    const { result } = await job.run({ clock: createHurriedClock(50) })
    expect(result).toMatchObject({ exitCode: 75, error: { code: 'lock.notHad' } })
    expect(await readExact(database, 'orders')).toEqual(before)
    await reader.close()
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 3 } })
  })

  test('whose held name is taken is moved in batches, and the run says so', async ({
    database,
    openArchive,
  }) => {
    await makeMonthlyOrders(database, { june: 3 })
    await database.query('CREATE TABLE rk_hold_orders_200506 (id INT)')
    const job = await openArchive()
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 0, counts: { archived: 3 } })
    expect(result.warnings).toContainEqual({
      code: 'archive.notExchanged',
      message: expect.stringContaining("the table rk_hold_orders_200506 is not rowkeeper's"),
    })
    expect(await heldTables(database)).toHaveLength(1)
  })
})
