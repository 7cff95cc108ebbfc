import { describe, expect } from 'vitest'
import { test } from '../../../support/migrate-job.ts'
import { findLeftovers } from '../live/rows.ts'

/** refuse: a strict INSERT fails. change: it makes another value of it. fits: neither. */
const cases = [
  ['INT NULL', 'INT NOT NULL', '(1), (NULL), (3)', 'refuse', 1],
  ['INT NULL', 'INT NOT NULL', '(1), (2)', 'fits', 0],
  ['VARCHAR(40)', 'VARCHAR(5)', "('short'), ('too long')", 'refuse', 1],
  ['VARCHAR(40)', 'VARCHAR(5)', "('short'), ('short   ')", 'refuse', 1],
  ['VARCHAR(300)', 'TINYTEXT', "(REPEAT('é', 127)), (REPEAT('é', 200))", 'refuse', 1],
  ['TEXT', 'VARCHAR(10)', "('1234567890'), ('12345678901'), (NULL)", 'refuse', 1],
  ['VARBINARY(9)', 'VARBINARY(3)', "('abc'), ('abcd')", 'refuse', 1],
  ['INT', 'TINYINT', '(127), (-128), (128), (-129)', 'refuse', 2],
  ['INT', 'INT UNSIGNED', '(0), (-1)', 'refuse', 1],
  ['BIGINT UNSIGNED', 'BIGINT', '(9223372036854775807), (9223372036854775808)', 'refuse', 1],
  ['INT', 'BIGINT', '(2147483647), (-2147483648)', 'fits', 0],
  ['DECIMAL(10,2)', 'DECIMAL(5,2)', '(999.99), (1000.00)', 'refuse', 1],
  ['DECIMAL(10,4)', 'DECIMAL(10,2)', '(1.2500), (1.2345)', 'change', 1],
  ['DECIMAL(10,2)', 'INT', '(2.00), (2.50)', 'change', 1],
  ['DOUBLE', 'INT', '(2), (2.5)', 'change', 1],
  ["ENUM('a','b','c')", "ENUM('a','b')", "('a'), ('c')", 'refuse', 1],
  ["ENUM('a','b')", "ENUM('b','a','c')", "('a'), ('b')", 'fits', 0],
  ['VARCHAR(9)', "ENUM('yes','no')", "('yes'), ('maybe')", 'refuse', 1],
  ['DATETIME', 'TIMESTAMP NULL', "('2038-01-19 03:14:07'), ('2038-01-19 03:14:08')", 'refuse', 1],
  ['DATETIME(3)', 'DATETIME', "('2026-01-01 00:00:00.000'), ('2026-01-01 00:00:00.500')", 'change', 1],
  ['VARCHAR(9) CHARACTER SET utf8mb4', 'VARCHAR(9) CHARACTER SET latin1', "('é'), ('日本')", 'refuse', 1],
  ['VARCHAR(9) CHARACTER SET latin1', 'VARCHAR(9) CHARACTER SET utf8mb4', "('é'), ('a')", 'fits', 0],
] as const

describe('rows that do not fit the new definition', () => {
  for (const [index, [from, to, values, verdict, count]] of cases.entries()) {
    test(`${index + 1}. ${from} to ${to}: ${verdict}`, async ({ database, openMigrate }) => {
      await database.query(`CREATE TABLE items (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, v ${from});
        INSERT INTO items (v) VALUES ${values}`)
      const before = await database.query('SELECT id, v FROM items')
      const job = await openMigrate({
        job: { alter: `MODIFY COLUMN v ${to}`, strategy: 'copy', keepOld: false },
      })
      const measured = await job.verb('measure')
      const risks = (measured.result.detail.risks ?? []) as { weight: string; count: number }[]
      expect(risks.map((risk) => [risk.weight, risk.count])).toEqual(
        verdict === 'fits' ? [] : [[verdict, count]],
      )
      // What a plain INSERT into the new definition says of the same rows.
      await database.query(`CREATE TABLE twin LIKE items; ALTER TABLE twin MODIFY COLUMN v ${to}`)
      const inserted = await database.query('INSERT INTO twin SELECT * FROM items').then(
        () => true,
        () => false,
      )
      // MariaDB 10.11 puts 400 bytes into a TINYTEXT as 144, without an error or a warning.
      const isSame = async () => {
        const copied = await database.query('SELECT id, v FROM twin')
        return JSON.stringify(copied) === JSON.stringify(before)
      }
      if (verdict === 'refuse') expect(inserted && (await isSame())).toBe(false)
      else expect(inserted).toBe(true)
      const { result } = await job.run()
      expect(result.exitCode).toBe(verdict === 'refuse' ? 4 : 0)
      if (verdict !== 'refuse') return
      expect(result.error?.code).toBe('migrate.risks')
      expect(await database.query('SELECT id, v FROM items')).toEqual(before)
      expect(await findLeftovers(database)).toEqual([])
    })
  }

  const uniques = [
    ['INT', 'ADD UNIQUE KEY one (v)', '(1), (2), (1), (NULL), (NULL)', 1],
    ['VARCHAR(9) COLLATE utf8mb4_bin', 'ADD UNIQUE KEY one (v)', "('a'), ('A')", 0],
    [
      'VARCHAR(9) COLLATE utf8mb4_bin, UNIQUE KEY one (v)',
      'MODIFY COLUMN v VARCHAR(9) COLLATE utf8mb4_general_ci',
      "('google'), ('Google')",
      1,
    ],
    ['VARCHAR(9), UNIQUE KEY one (v)', 'DROP INDEX one, ADD UNIQUE KEY one (v(3))', "('abcd'), ('abce')", 1],
  ] as const
  for (const [column, alter, values, twins] of uniques) {
    test(`${column}; ${alter}: ${twins} in several rows`, async ({ database, openMigrate }) => {
      await database.query(`CREATE TABLE items (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, v ${column});
        INSERT INTO items (v) VALUES ${values}`)
      const job = await openMigrate({ job: { alter, strategy: 'copy', keepOld: false } })
      const { result } = await job.run()
      expect(result.exitCode).toBe(twins === 0 ? 0 : 4)
      if (twins > 0) expect(result.error?.message).toContain('is to be unique')
    })
  }
})
