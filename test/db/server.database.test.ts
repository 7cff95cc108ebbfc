import { describe, expect } from 'vitest'
import { readFamily } from '../../src/db/server.ts'
import { test } from '../support/database.ts'
import { testServer } from '../support/test-server.ts'
import { withReader } from './open.ts'

describe('the server', () => {
  test('tells how it logs changes and compares names', async ({ database }) => {
    const server = await withReader(database.url, async ({ server }) => server)
    expect(server).toMatchObject({
      binaryLog: true,
      binaryLogFormat: 'ROW',
      binaryLogRowImage: 'FULL',
      lowerCaseTableNames: 0,
    })
  })

  test('tells what it is set to', async ({ database }) => {
    const [row] = await database.query(
      'SELECT @@GLOBAL.binlog_format AS format, @@GLOBAL.binlog_row_image AS image',
    )
    await database.query("SET GLOBAL binlog_format = 'MIXED', GLOBAL binlog_row_image = 'MINIMAL'")
    try {
      const server = await withReader(database.url, async ({ server }) => server)
      expect(server).toMatchObject({ binaryLogFormat: 'MIXED', binaryLogRowImage: 'MINIMAL' })
    } finally {
      await database.query('SET GLOBAL binlog_format = ?, GLOBAL binlog_row_image = ?', [
        row?.format,
        row?.image,
      ])
    }
  })

  test('tells its family by itself', async ({ database }) => {
    const family = await withReader(database.url, ({ read }) => read(readFamily))
    expect(family).toBe(testServer().family)
  })
})
