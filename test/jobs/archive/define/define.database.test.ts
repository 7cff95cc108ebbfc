import { describe, expect } from 'vitest'
import type { ArchivePlan } from '../../../../jobs/archive/plan-model.ts'
import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { type ArchiveJob, test } from '../../../support/archive-job.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { openSession } from '../../../support/session.ts'

const orders = `CREATE TABLE orders (id BIGINT NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, note VARCHAR(20) NULL,
    KEY (created_at));
  INSERT INTO orders VALUES (1, '2025-06-01', 'a'), (2, '2025-07-31 23:59:59', 'b'), (3, '2025-08-01', 'c')`

const archived = (partitions: string) => `CREATE TABLE orders_archive (
  id BIGINT NOT NULL, created_at DATETIME NOT NULL, note VARCHAR(20) NULL, PRIMARY KEY (id, created_at))
  PARTITION BY RANGE COLUMNS (created_at) (${partitions})`

/** The partitions that hold rows, with the ids in them. */
async function rowsByPartition(database: TestDatabase): Promise<Record<string, string>> {
  const partitions = await database.query(
    `SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS
      WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orders_archive'`,
  )
  const found: Record<string, string> = {}
  for (const { name } of partitions) {
    const rows = await database.query(`SELECT id FROM orders_archive PARTITION (\`${name}\`) ORDER BY id`)
    if (rows.length > 0) found[String(name)] = rows.map(({ id }) => id).join()
  }
  return found
}

async function planOf(job: ArchiveJob): Promise<ArchivePlan> {
  const { saved } = await job.plan()
  return saved?.plan as ArchivePlan
}

function dieAt(point: string) {
  return async (reached: string) => {
    if (reached === point) throw new Error(`died at ${point}`)
  }
}

describe('an archive table', () => {
  test('is made once, whenever the run dies', async ({ database, openArchive }) => {
    await database.query(orders)
    const job = await openArchive()
    const died = await job.run({ reach: dieAt('archive.table-made') })
    expect(died.result).toMatchObject({ status: 'failed', counts: { archived: 0 } })
    const again = await job.run()
    expect(again.result).toMatchObject({ exitCode: 0, counts: { archived: 3, partitionsCreated: 0 } })
    expect(await rowsByPartition(database)).toEqual({ p202506: '1', p202507: '2', p202508: '3' })
    expect((await planOf(job)).steps).toEqual([])
  })

  test('is told in the plan with what it lacks of the live table', async ({ database, openArchive }) => {
    await database.query(`CREATE TABLE customers (id INT PRIMARY KEY); ${orders};
      ALTER TABLE orders MODIFY id BIGINT NOT NULL AUTO_INCREMENT, ADD COLUMN customer_id INT NULL,
        ADD COLUMN touched_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
        ADD CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id),
        ADD FULLTEXT KEY words (note), ADD UNIQUE KEY once (note)`)
    const { notes } = await planOf(await openArchive())
    expect(notes.slice(0, 3)).toMatchInlineSnapshot(`
      [
        "orders_archive is made without: AUTO_INCREMENT of id, FULLTEXT index words, foreign key orders_customer.",
        "orders_archive has PRIMARY extended by created_at, once a plain index.",
        "touched_at of orders_archive: moving keeps the values, but whoever updates a row there by hand sets them to the present.",
      ]
    `)
  })

  test('that somebody alters before the first row is noticed', async ({ database, openArchive }) => {
    await database.query(orders)
    const job = await openArchive()
    const { result } = await job.run({
      reach: async (point) => {
        if (point === 'archive.table-made')
          await database.query('ALTER TABLE orders_archive MODIFY note VARCHAR(3) NULL')
      },
    })
    expect(result).toMatchObject({ exitCode: 1, error: { code: 'archive.madeDifferently' } })
    expect(result.error?.message).toContain('varchar(20) does not fit into varchar(3)')
    expect(await database.query('SELECT COUNT(*) AS n FROM orders')).toEqual([{ n: '3' }])
  })

  test('altered after the plan was saved: the plan is refused', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${archived(`PARTITION p202508 VALUES LESS THAN ('2025-09-01')`)}`)
    const job = await openArchive()
    const { saved } = await job.plan()
    await database.query('ALTER TABLE orders_archive ADD COLUMN why VARCHAR(20) NULL')
    const { result } = await job.run(saved === undefined ? {} : { saved })
    expect(result).toMatchObject({ exitCode: 4, effect: 'none', error: { code: 'plan.stale' } })
    expect(await database.query('SELECT COUNT(*) AS n FROM orders')).toEqual([{ n: '3' }])
  })
})

describe('partitions that are missing are made before a row comes for them, whenever the run dies:', () => {
  const held = `INSERT INTO orders_archive VALUES (9, '2025-07-02', NULL)`
  const cases = [
    { where: 'at the end', partitions: `PARTITION p202506 VALUES LESS THAN ('2025-07-01')` },
    {
      where: 'before the first, and in a wide one with a row',
      partitions: `PARTITION p202505 VALUES LESS THAN ('2025-06-01'), PARTITION p202612 VALUES LESS THAN ('2027-01-01')`,
      held,
    },
    {
      where: 'behind MAXVALUE, which holds a row',
      partitions: `PARTITION p202506 VALUES LESS THAN ('2025-07-01'), PARTITION rest VALUES LESS THAN (MAXVALUE)`,
      held,
    },
  ]
  test.for(cases)('$where', async ({ partitions, held }, { database, openArchive }) => {
    await database.query([orders, archived(partitions), held ?? 'DO 0'].join(';'))
    const job = await openArchive()
    expect((await job.run({ reach: dieAt('archive.partitions-changed') })).result.status).toBe('failed')
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 3 } })
    const july = held === undefined ? '2' : '2,9'
    expect(await rowsByPartition(database)).toEqual({ p202506: '1', p202507: july, p202508: '3' })
  })

  test('told with the rows that are copied for it, and with what stays odd', async ({
    database,
    openArchive,
  }) => {
    await database.query(`${orders}; ${archived(`PARTITION p200601 VALUES LESS THAN ('2006-02-01'),
      PARTITION p202505 VALUES LESS THAN ('2025-06-01'), PARTITION rest VALUES LESS THAN (MAXVALUE)`)}; ${held};
      ANALYZE TABLE orders_archive`)
    const plan = await planOf(await openArchive())
    const changes = plan.steps.flatMap((step) => (step.type === 'changePartitions' ? step.changes : []))
    expect(changes).toMatchObject([
      { type: 'split', partition: 'rest', reason: 'behind MAXVALUE', estimatedRows: 1 },
    ])
    expect(plan.notes.slice(0, 1)).toMatchInlineSnapshot(`
      [
        "orders_archive: p202505 holds 2006-02 to 2025-05 (about 0 rows); it is cut when a row comes for one of these months.",
      ]
    `)
  })

  test('a connection lost meanwhile is looked up, not guessed', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${archived(`PARTITION p202506 VALUES LESS THAN ('2025-07-01')`)}`)
    const job = await openArchive()
    const reader = await openSession(database.url)
    await reader.query('START TRANSACTION')
    await reader.query('SELECT COUNT(*) FROM orders_archive')
    const running = job.run()
    await killWhenWaiting(database)
    await reader.query('ROLLBACK')
    await reader.close()
    expect((await running).result).toMatchObject({ exitCode: 0, counts: { archived: 3 } })
    expect(await rowsByPartition(database)).toEqual({ p202506: '1', p202507: '2', p202508: '3' })
  })

  test('taken away again and again ends the run before a row', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${archived(`PARTITION p202506 VALUES LESS THAN ('2025-07-01')`)}`)
    const job = await openArchive()
    const { result } = await job.run({
      reach: async (point) => {
        if (point === 'archive.partitions-changed')
          await database.query('ALTER TABLE orders_archive DROP PARTITION p202508')
      },
    })
    expect(result).toMatchObject({ exitCode: 1, error: { code: 'archive.partitionsMissing' } })
    expect(await database.query('SELECT COUNT(*) AS n FROM orders')).toEqual([{ n: '3' }])
  })
})

test('months that somebody drops after they were made take no row, and are made again', async ({
  database,
  openArchive,
}) => {
  await database.query(orders)
  const job = await openArchive()
  const { result } = await job.run({
    reach: async (point) => {
      if (point === 'archive.table-made') await dropAllButFirst(database)
    },
  })
  expect(result).toMatchObject({ exitCode: 1, effect: 'partial', counts: { archived: 1, deleted: 1 } })
  expect(result.error).toMatchInlineSnapshot(`
    {
      "code": "database.definition",
      "hint": "A partition for the value is missing; somebody may have dropped it meanwhile. Run it again: what is missing is added first.",
      "message": "While running archive.copy-between: Table has no partition for value from column_list (error 1526).",
    }
  `)
  expect(await rowsByPartition(database)).toEqual({ p202506: '1' })
  expect(await database.query('SELECT id FROM orders ORDER BY id')).toEqual([{ id: '2' }, { id: '3' }])
  expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 2 } })
  expect(await rowsByPartition(database)).toEqual({ p202506: '1', p202507: '2', p202508: '3' })
})

async function dropAllButFirst(database: TestDatabase): Promise<void> {
  const rows = await database.query(
    `SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS
      WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orders_archive' AND PARTITION_ORDINAL_POSITION > 1`,
  )
  await database.query(`ALTER TABLE orders_archive DROP PARTITION ${rows.map(({ name }) => name).join(', ')}`)
}

/** Ends the connection whose ALTER waits for a reader: its client never learns what became of it. */
async function killWhenWaiting({ query }: TestDatabase): Promise<void> {
  for (;;) {
    const [waiting] = await query(
      `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE '%ADD PARTITION%'
        AND STATE LIKE 'Waiting%'`,
    )
    if (waiting !== undefined) {
      await query(`KILL ${waiting.id}`)
      return
    }
    await systemClock.sleep(20, never)
  }
}
