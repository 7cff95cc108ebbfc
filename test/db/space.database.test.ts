import { describe, expect } from 'vitest'
import { readSpace, type Space } from '../../src/db/space.ts'
import { type TestDatabase, test } from '../support/database.ts'
import { withAccount } from './account.ts'
import { withReader } from './open.ts'

async function read(database: TestDatabase, table: string, url = database.url): Promise<Space> {
  return withReader(url, ({ read }) =>
    read((session) => readSpace(session, { schema: database.name, table })),
  )
}

const PAGE = 16_384

describe('the space of a table', () => {
  test('is that of its rows, its indexes and its file', async ({ database }) => {
    await database.query(`CREATE TABLE \`Odd.é \`\`1\` (id INT PRIMARY KEY, s VARCHAR(2000), INDEX (s(10)));
      INSERT INTO \`Odd.é \`\`1\` WITH RECURSIVE n AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM n WHERE id < 1000)
        SELECT id, REPEAT('x', 2000) FROM n; ANALYZE TABLE \`Odd.é \`\`1\``)
    const space = await read(database, 'Odd.é `1')
    expect(space.dataBytes).toBeGreaterThan(2_000_000)
    expect(space.indexBytes).toBeGreaterThanOrEqual(2 * PAGE)
    expect(space.fileBytes).toBeGreaterThanOrEqual(space.dataBytes + space.indexBytes)
    expect(space.averageRowBytes).toBeGreaterThan(2000)
    expect(space.averageRowBytes).toBeLessThan(4000)
  })

  test('is the sum of its partitions, and of no other table', async ({ database }) => {
    await database.query(`
      CREATE TABLE parts (id INT PRIMARY KEY) PARTITION BY RANGE (id) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (
        PARTITION \`P é\` VALUES LESS THAN (500), PARTITION rest VALUES LESS THAN MAXVALUE);
      CREATE TABLE Parts (id INT PRIMARY KEY); CREATE TABLE parts_2 (id INT PRIMARY KEY)`)
    const whole = await read(database, 'Parts')
    const parts = await read(database, 'parts')
    expect([whole.dataBytes, whole.averageRowBytes]).toEqual([PAGE, 0])
    expect(parts.dataBytes).toBe(4 * whole.dataBytes)
    expect(parts.fileBytes).toBe(4 * (whole.fileBytes ?? 0))
  })

  test('is known but for the file without the PROCESS privilege', async ({ database }) => {
    await database.query('CREATE TABLE small (id INT)')
    const see = (grants: readonly string[]) =>
      withAccount(database, grants, (url) => read(database, 'small', url))
    const rows = `SELECT ON ${database.name}.*`
    expect(await see([rows])).toMatchObject({ dataBytes: PAGE, fileBytes: undefined })
    expect((await see([rows, 'PROCESS ON *.*'])).fileBytes).toBeGreaterThanOrEqual(PAGE)
  })

  test('is none for a table that is not there', async ({ database }) => {
    expect(await read(database, 'none')).toEqual({
      ...{ dataBytes: 0, indexBytes: 0, freeBytes: 0, fileBytes: undefined },
      estimatedRows: 0,
      averageRowBytes: 0,
    })
  })
})
