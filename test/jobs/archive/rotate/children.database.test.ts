import { describe, expect } from 'vitest'
import { type ArchiveJob, type ArchiveSettings, test } from '../../../support/archive-job.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { heldTables, idsOf, letTimePass, monthAgo } from './old-orders.ts'

const children = [{ table: 'lines', key: ['order_id'] }]

/** Orders 1 and 2 of a month that is to go, 3 of one that stays; each has two lines. */
async function openFamily(
  database: TestDatabase,
  openArchive: (settings?: ArchiveSettings) => Promise<ArchiveJob>,
): Promise<ArchiveJob> {
  const [old, young] = [await monthAgo(database, 61), await monthAgo(database, 60)]
  await database.query(`CREATE TABLE orders (id INT PRIMARY KEY, created_at DATETIME NOT NULL, KEY by_age (created_at, id));
    CREATE TABLE \`lines\` (id INT PRIMARY KEY, order_id INT NOT NULL, note VARCHAR(10) NULL,
      FOREIGN KEY (order_id) REFERENCES orders (id));
    INSERT INTO orders VALUES (1, '${old}-03'), (2, '${old}-04'), (3, '${young}-05');
    INSERT INTO \`lines\` VALUES (11, 1, 'a'), (12, 1, NULL), (21, 2, 'b'), (22, 2, ''), (31, 3, 'c'), (32, 3, 'd')`)
  const job = await openArchive({ job: { children } })
  expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 3 } })
  await job.configure({ job: { children, into: { table: 'orders_archive', keep: '60 months' } } })
  return job
}

describe('the children of a month', () => {
  test('go with it, are held with it and are dropped before it', async ({ database, openArchive }) => {
    const job = await openFamily(database, openArchive)
    expect((await job.run()).result.detail.rotations).toMatchObject([{ ending: 'held', rows: 2 }])
    expect(await idsOf(database, 'orders_archive')).toBe('3')
    expect(await idsOf(database, 'lines_archive')).toBe('31 32')
    expect(await heldTables(database)).toHaveLength(2)
    await letTimePass(database)
    const dieAfterChild = async (point: string) => {
      if (point === 'archive.partition-dropped') throw new Error('dies')
    }
    expect((await job.run({ reach: dieAfterChild })).result.error?.message).toContain('dies')
    expect(await heldTables(database)).toHaveLength(1)
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { partitionsDropped: 1 } })
    expect(await heldTables(database)).toEqual([])
    expect(await job.months()).toMatchObject([
      { archive_table: 'lines_archive', state: 'dropped', held_table: null },
      { archive_table: 'lines_archive', state: 'open' },
      { archive_table: 'orders_archive', state: 'dropped', held_table: null },
      { archive_table: 'orders_archive', state: 'open' },
    ])
  })

  test('keep it where it is when they cannot be proven', async ({ database, openArchive }) => {
    const job = await openFamily(database, openArchive)
    const { result } = await job.run({
      reach: async (point) => {
        if (point === 'archive.rotation-taken-out')
          await database.query(
            'UPDATE orders_archive SET created_at = created_at + INTERVAL 1 SECOND WHERE id = 2',
          )
      },
    })
    expect(result).toMatchObject({
      exitCode: 3,
      detail: {
        rotations: [{ ending: 'notTaken', text: expect.stringContaining('stays in orders_archive') }],
      },
    })
    expect(await idsOf(database, 'orders_archive')).toBe('1 2 3')
    expect(await idsOf(database, 'lines_archive')).toBe('11 12 21 22 31 32')
    expect(await heldTables(database)).toEqual([])
    const months = await job.months()
    expect(months.map(({ state }) => state)).toEqual(['open', 'open', 'open', 'open'])
  })
})
