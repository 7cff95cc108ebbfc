import { describe, expect } from 'vitest'
import { type PartitionMap, readPartitions } from '../../src/db/partitions.ts'
import { type TestDatabase, test } from '../support/database.ts'
import { testServer } from '../support/test-server.ts'
import { withReader } from './open.ts'

async function read(database: TestDatabase, table: string): Promise<PartitionMap | undefined> {
  return withReader(database.url, ({ read }) =>
    read((session) => readPartitions(session, { schema: database.name, table })),
  )
}

/** What matters of a map in one line each. */
async function outline(database: TestDatabase, table: string) {
  const map = await read(database, table)
  const bounds = map?.partitions.map(({ name, upperBound }) => [name, upperBound])
  return [map?.method, map?.expression, bounds]
}

describe('a partition map', () => {
  test('has the bounds of months as plain text, for each type an age may have', async ({ database }) => {
    await database.query(`
      CREATE TABLE \`by.date\` (\`Created at\` DATE NOT NULL) PARTITION BY RANGE COLUMNS (\`Created at\`) (
        PARTITION \`p 2005-06\` VALUES LESS THAN ('2005-07-01'), PARTITION P7 VALUES LESS THAN (MAXVALUE));
      CREATE TABLE by_time (t DATETIME(3) NOT NULL) PARTITION BY RANGE COLUMNS (t) (
        PARTITION a VALUES LESS THAN ('2005-07-01 00:00:00'), PARTITION b VALUES LESS THAN ('2005-08-01 00:00:00.000'));
      CREATE TABLE by_stamp (\`select\` TIMESTAMP NOT NULL) PARTITION BY RANGE (UNIX_TIMESTAMP(\`select\`)) (
        PARTITION a VALUES LESS THAN (1120143600), PARTITION b VALUES LESS THAN MAXVALUE);
      CREATE TABLE by_milliseconds (\`t\`\`.x\` BIGINT NOT NULL) PARTITION BY RANGE (\`t\`\`.x\`) (
        PARTITION a VALUES LESS THAN (-5), PARTITION b VALUES LESS THAN (1120143600000))`)
    expect(await outline(database, 'by.date')).toEqual([
      ...['RANGE COLUMNS', 'Created at'],
      [
        ['p 2005-06', '2005-07-01'],
        ['P7', undefined],
      ],
    ])
    expect(await outline(database, 'by_time')).toEqual([
      ...['RANGE COLUMNS', 't'],
      [
        ['a', '2005-07-01 00:00:00'],
        ['b', '2005-08-01 00:00:00.000'],
      ],
    ])
    expect(await outline(database, 'by_stamp')).toEqual([
      ...['RANGE', 'unix_timestamp(select)'],
      [
        ['a', '1120143600'],
        ['b', undefined],
      ],
    ])
    expect(await outline(database, 'by_milliseconds')).toEqual([
      ...['RANGE', 't`.x'],
      [
        ['a', '-5'],
        ['b', '1120143600000'],
      ],
    ])
  })

  test('has unsigned bounds beyond the signed ones at the far end', async ({ database }) => {
    await database.query(`CREATE TABLE huge (id BIGINT UNSIGNED NOT NULL) PARTITION BY RANGE (id) (
      PARTITION a VALUES LESS THAN (5), PARTITION b VALUES LESS THAN (18446744073709551000))`)
    expect((await outline(database, 'huge'))[2]).toEqual([
      ['a', '5'],
      ['b', '18446744073709551000'],
    ])
  })

  test('tells every other method, its values as the catalogue prints them', async ({ database }) => {
    await database.query(`
      CREATE TABLE two (a INT, b VARCHAR(20)) PARTITION BY RANGE COLUMNS (a, b) (
        PARTITION p VALUES LESS THAN (5, 'it''s'), PARTITION q VALUES LESS THAN (MAXVALUE, MAXVALUE));
      CREATE TABLE texts (s VARCHAR(20)) PARTITION BY RANGE COLUMNS (s) (
        PARTITION p VALUES LESS THAN ('a\\\\b'), PARTITION q VALUES LESS THAN (MAXVALUE));
      CREATE TABLE days (d DATE) PARTITION BY RANGE (TO_DAYS(d)) (PARTITION p VALUES LESS THAN (732493));
      CREATE TABLE listed (a INT) PARTITION BY LIST (a) (PARTITION p VALUES IN (3, NULL), PARTITION q VALUES IN (-1));
      CREATE TABLE hashed (a INT) PARTITION BY LINEAR HASH (a) PARTITIONS 2;
      CREATE TABLE keyed (a INT PRIMARY KEY) PARTITION BY KEY (a) PARTITIONS 2`)
    expect(await outline(database, 'two')).toEqual([
      ...['RANGE COLUMNS', 'a,b'],
      [
        ['p', "5,'it''s'"],
        ['q', 'MAXVALUE,MAXVALUE'],
      ],
    ])
    expect((await outline(database, 'texts'))[2]).toEqual([
      ['p', "'a\\\\b'"],
      ['q', undefined],
    ])
    expect(await outline(database, 'days')).toEqual(['RANGE', 'to_days(d)', [['p', '732493']]])
    expect(await outline(database, 'listed')).toEqual([
      ...['LIST', 'a'],
      [
        ['p', 'NULL,3'],
        ['q', '-1'],
      ],
    ])
    const none = [
      ['p0', undefined],
      ['p1', undefined],
    ]
    expect(await outline(database, 'hashed')).toEqual(['LINEAR HASH', 'a', none])
    expect(await outline(database, 'keyed')).toEqual(['KEY', 'a', none])
  })

  test('sums subpartitions and counts rows and bytes for each partition', async ({ database }) => {
    await database.query(`CREATE TABLE fine (n INT, d DATE, INDEX (n)) PARTITION BY RANGE COLUMNS (d)
        SUBPARTITION BY HASH (n) SUBPARTITIONS 2 (
        PARTITION old VALUES LESS THAN ('2005-07-01'), PARTITION rest VALUES LESS THAN MAXVALUE);
      INSERT INTO fine VALUES (1, '2005-01-01'), (2, '2005-01-01'), (3, '2005-01-01'); ANALYZE TABLE fine`)
    const map = await read(database, 'fine')
    expect(map?.hasSubpartitions).toBe(true)
    const page = 16_384
    expect(map?.partitions).toMatchObject([
      { name: 'old', position: 1, estimatedRows: 3, dataBytes: 2 * page, indexBytes: 2 * page },
      { name: 'rest', position: 2, dataBytes: 2 * page, indexBytes: 2 * page },
    ])
  })

  test('is of this moment, not of the day before', async ({ database }) => {
    await database.query(
      `CREATE TABLE growing (n INT) PARTITION BY RANGE (n) (PARTITION p VALUES LESS THAN MAXVALUE)`,
    )
    expect((await read(database, 'growing'))?.partitions[0]?.estimatedRows).toBe(0)
    await database.query('INSERT INTO growing VALUES (1), (2), (3), (4); ANALYZE TABLE growing')
    expect((await read(database, 'growing'))?.partitions[0]?.estimatedRows).toBe(4)
  })

  test('is not there for a table without partitions, nor without a table', async ({ database }) => {
    await database.query('CREATE TABLE whole (n INT)')
    expect(await read(database, 'whole')).toBeUndefined()
    expect(await read(database, 'none')).toBeUndefined()
  })

  test('of system versions is told apart', async ({ database }) => {
    if (testServer().family === 'mysql') return
    await database.query(`CREATE TABLE versions (n INT) WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME (
      PARTITION old HISTORY, PARTITION present CURRENT)`)
    expect((await read(database, 'versions'))?.method).toBe('SYSTEM_TIME')
  })
})
