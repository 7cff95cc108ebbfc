import { describe, expect } from 'vitest'
import { test } from '../../../support/archive-job.ts'
import { partitionsOf } from '../exchange/monthly-orders.ts'
import {
  addOrders,
  heldTables,
  idsOf,
  letTimePass,
  monthAgo,
  openFilledArchive,
  partitionOf,
} from './old-orders.ts'

const heldName = (month: string) => `rk_hold_orders_archive_${month.replace('-', '')}`

const untilText = /^can be brought back at once until \d{4}-\d\d-\d\d \d\d:\d\d UTC; then it is dropped$/

describe('months older than keep', () => {
  test('are taken out, held, and dropped when the time is over', async ({ database, openArchive }) => {
    const { job, old, young } = await openFilledArchive(database, openArchive)
    const { result } = await job.run()
    expect(result).toMatchObject({
      exitCode: 0,
      counts: { partitionsDropped: 0 },
      detail: {
        rotations: [{ month: old, ending: 'held', rows: 3, text: expect.stringMatching(untilText) }],
      },
    })
    expect(await idsOf(database, 'orders_archive')).toBe('4 5 6')
    expect(await idsOf(database, heldName(old))).toBe('1 2 3')
    expect(await job.months()).toMatchObject([
      {
        month: old,
        state: 'held',
        row_count: '3',
        held_table: heldName(old),
        held_until: expect.any(String),
      },
      { month: young, state: 'open' },
    ])
    expect((await job.plan()).hasWork).toBe(false)
    await letTimePass(database)
    expect((await job.run()).result).toMatchObject({
      exitCode: 0,
      counts: { partitionsDropped: 1 },
      detail: { rotations: [{ month: old, ending: 'dropped', rows: 3, text: 'dropped for good' }] },
    })
    expect(await heldTables(database)).toEqual([])
    expect((await partitionsOf(database, 'orders_archive'))[0]).toBe(partitionOf(young))
    expect(await job.months()).toMatchObject([{ state: 'dropped', row_count: '0', held_table: null }, {}])
    expect((await job.plan()).hasWork).toBe(false)
  })

  test('go at once without a hold', async ({ database, openArchive }) => {
    const { job, old, young } = await openFilledArchive(database, openArchive, { hold: '0s' })
    expect((await job.run()).result).toMatchObject({
      exitCode: 0,
      detail: { rotations: [{ month: old, ending: 'dropped' }] },
    })
    expect((await partitionsOf(database, 'orders_archive'))[0]).toBe(partitionOf(young))
    expect(await heldTables(database)).toEqual([])
  })

  test('can be gone on with wherever a run dies', async ({ database, openArchive }) => {
    const { job, old, young } = await openFilledArchive(database, openArchive)
    const dieAt = async (point: string) => {
      const { result } = await job.run({
        reach: async (name) => {
          if (name === `archive.${point}`) throw new Error(`dies at ${point}`)
        },
      })
      expect([point, result.error?.message]).toEqual([point, expect.stringContaining(`dies at ${point}`)])
      const held = await idsOf(database, heldName(old))
      return `${held} | ${await idsOf(database, 'orders_archive')}`
    }
    expect(await dieAt('rotation-exported')).toBe('missing | 1 2 3 4 5 6')
    expect(await dieAt('rotation-begun')).toBe('missing | 1 2 3 4 5 6')
    expect(await dieAt('rotation-taken-out')).toBe('1 2 3 | 4 5 6')
    expect(await dieAt('rotation-held')).toBe('1 2 3 | 4 5 6')
    await letTimePass(database)
    expect(await dieAt('drop-noted')).toBe('1 2 3 | 4 5 6')
    expect(await dieAt('held-dropped')).toBe('missing | 4 5 6')
    expect(await dieAt('partition-dropped')).toBe('missing | 4 5 6')
    expect((await job.run()).result.exitCode).toBe(0)
    expect((await partitionsOf(database, 'orders_archive'))[0]).toBe(partitionOf(young))
    expect(await job.months()).toMatchObject([{ state: 'dropped', held_table: null }, { state: 'open' }])
    expect((await job.plan()).hasWork).toBe(false)
  })

  // A partition dropped in the middle would leave the one above it with two months.
  test('go one after the other above one that stays', async ({ database, openArchive }) => {
    const { job, old, young } = await openFilledArchive(database, openArchive)
    const younger = await monthAgo(database, 59)
    await addOrders(database, [7, 8, 9], younger)
    await job.run()
    expect((await job.verb('restore', { month: old })).result.exitCode).toBe(0)
    expect((await job.verb('restore', { month: old })).result.exitCode).toBe(0)
    for (const keep of ['59 months', '58 months']) {
      await job.configure({ job: { into: { table: 'orders_archive', keep, hold: '0s' } } })
      expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { partitionsDropped: 0 } })
    }
    expect(await idsOf(database, 'orders_archive')).toBe('')
    expect((await partitionsOf(database, 'orders_archive')).slice(0, 3)).toEqual(
      [old, young, younger].map(partitionOf),
    )
    expect((await job.verb('verify')).result.exitCode).toBe(0)
    await job.verb('release', { month: old })
    await job.run()
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { partitionsDropped: 3 } })
    expect(await partitionsOf(database, 'orders_archive')).not.toContain(partitionOf(younger))
    expect(await idsOf(database, 'orders')).toBe('')
  })

  test('keep their partition for rows that come late', async ({ database, openArchive }) => {
    const { job, old } = await openFilledArchive(database, openArchive)
    await job.run()
    await addOrders(database, [7, 8], old)
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 2 } })
    expect(await job.months()).toMatchObject([{ state: 'held', row_count: '5' }, {}])
    await letTimePass(database)
    expect((await job.run()).result.detail.rotations).toMatchObject([{ ending: 'dropped' }])
    expect(await idsOf(database, 'orders_archive')).toBe('4 5 6 7 8')
    expect(await job.months()).toMatchObject([{ state: 'open', row_count: '2', held_table: null }, {}])
    // Being as old as they are, they are the next to go.
    expect((await job.run()).result.detail.rotations).toMatchObject([{ month: old, ending: 'held', rows: 2 }])
  })
})

describe('a held month', () => {
  test('is brought back at once, late rows included, and stays until it is released', async ({
    database,
    openArchive,
  }) => {
    const { job, old } = await openFilledArchive(database, openArchive)
    await job.run()
    await addOrders(database, [7], old)
    await job.run()
    const dies = await job.verb(
      'restore',
      { month: old },
      {
        reach: async (name) => {
          if (name === 'archive.rotation-put-back') throw new Error('dies')
        },
      },
    )
    expect(dies.result.error?.message).toContain('dies')
    await letTimePass(database)
    expect((await job.plan()).hasWork).toBe(false)
    expect((await job.verb('restore', { month: old })).result).toMatchObject({ exitCode: 0 })
    expect(await idsOf(database, 'orders_archive')).toBe('1 2 3 4 5 6 7')
    expect(await heldTables(database)).toEqual([])
    const restored = {
      state: 'open',
      row_count: '4',
      pinned_by: 'operator@desk',
      held_table: null,
      held_until: null,
    }
    expect(await job.months()).toMatchObject([restored, { state: 'open' }])
    expect((await job.plan()).hasWork).toBe(false)
    await job.verb('release', { month: old })
    expect((await job.run()).result.detail.rotations).toMatchObject([{ month: old, ending: 'held', rows: 4 }])
  })
})

describe('a month stays', () => {
  test('when it holds something else than it should, before or while it is taken out', async ({
    database,
    openArchive,
  }) => {
    const { job, old } = await openFilledArchive(database, openArchive)
    const goesBack = await job.run({
      reach: async (name) => {
        if (name === 'archive.rotation-begun')
          await database.query("UPDATE orders_archive SET note = 'changed' WHERE id = 1")
      },
    })
    const notTaken = [{ month: old, ending: 'notTaken', text: expect.stringContaining('should hold 3 rows') }]
    expect(goesBack.result).toMatchObject({ exitCode: 3, detail: { rotations: notTaken } })
    expect(await idsOf(database, 'orders_archive')).toBe('1 2 3 4 5 6')
    expect(await job.months()).toMatchObject([{ state: 'open', held_table: null }, {}])

    await database.query(`INSERT INTO orders_archive (id, created_at) VALUES (99, '${old}-09')`)
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 3, effect: 'none', detail: { rotations: notTaken } })
    expect(await idsOf(database, 'orders_archive')).toBe('1 2 3 4 5 6 99')
    expect(await heldTables(database)).toEqual([])
  })

  test('when it is pinned, unproven or altered, and the plan says why', async ({ database, openArchive }) => {
    const { job, old } = await openFilledArchive(database, openArchive)
    const notes = async () => {
      const { result } = await job.plan()
      const { steps, notes: told } = result.detail as { steps: readonly unknown[]; notes: readonly string[] }
      expect(steps).toEqual([])
      return told.filter((note) => note.startsWith(old))
    }
    await database.query('UPDATE rowkeeper_month SET pinned_at = NOW()')
    expect(await notes()).toEqual([
      `${old} is older than 60 months and stays: it was restored; let it go again with: rowkeeper archive release`,
    ])
    await database.query("UPDATE rowkeeper_month SET pinned_at = NULL, state = 'unproven'")
    expect(await notes()).toEqual([
      `${old} is older than 60 months and stays: it holds rows that nobody accounted for; prove them with: rowkeeper archive verify`,
    ])
    await database.query(`UPDATE rowkeeper_month SET state = 'open', definition = '0'`)
    expect(await notes()).toEqual([
      `${old} is older than 60 months and stays: the table was altered since its rows were proven; prove them with: rowkeeper archive verify`,
    ])
    await database.query('DELETE FROM rowkeeper_month')
    await database.query('ANALYZE TABLE orders_archive')
    expect(await notes()).toEqual([
      `${old} of orders_archive is old enough to go and stays: nobody accounted for its rows; prove them with: rowkeeper archive verify`,
    ])
  })

  test('in its held table when keep is forever now', async ({ database, openArchive }) => {
    const { job, old } = await openFilledArchive(database, openArchive)
    await job.run()
    await letTimePass(database)
    await job.configure({})
    const { result, hasWork } = await job.plan()
    expect(hasWork).toBe(false)
    expect(result.detail.notes).toEqual([
      `${old} is held in ${heldName(old)} and is not dropped, since keep is forever now`,
    ])
  })
})
