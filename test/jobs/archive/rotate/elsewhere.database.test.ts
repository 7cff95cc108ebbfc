import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { test } from '../carry/cold.ts'
import { addOrders, idsOf, letTimePass, monthAgo } from './old-orders.ts'

test('months of an archive table in another database leave it there', async ({
  database,
  cold,
  openCarry,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-export-'))
  const old = await monthAgo(database, 61)
  await database.query(`CREATE TABLE orders (id BIGINT PRIMARY KEY, created_at DATETIME NOT NULL,
    note VARCHAR(40) NULL, KEY orders_by_age (created_at, id))`)
  await addOrders(database, [1, 2], old)
  const into = { table: 'orders_archive', database: 'cold', keep: '60 months', export: { folder } }
  const { job } = await openCarry({ job: { into } })
  expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 2 } })
  expect((await job.run()).result.detail.rotations).toMatchObject([{ month: old, ending: 'held', rows: 2 }])
  const held = `rk_hold_orders_archive_${old.replace('-', '')}`
  expect(await idsOf(cold, held)).toBe('1 2')
  expect(await readdir(folder)).toContain(`${cold.name}.orders_archive.${old}.csv.gz`)
  await letTimePass(cold)
  expect((await job.run()).result.detail.rotations).toMatchObject([{ ending: 'dropped' }])
  expect(await idsOf(cold, held)).toBe('missing')
  await rm(folder, { recursive: true })
})
