import { describe, expect, test } from 'vitest'
import { listMovedTables, type MovedTable } from '../../../../jobs/archive/move/moved-table.ts'
import {
  copyBetween,
  copyChildren,
  deleteRows,
  digestBetween,
  lockChildren,
  lockNextRows,
} from '../../../../jobs/archive/move/sql.ts'
import type { Tables, TargetTable } from '../../../../jobs/archive/tables.ts'
import { describeStatement } from '../../../../src/db/statement.ts'
import { column, datetime, index, table } from '../partitions/sample.ts'

const id = column('int', { name: 'id' })
const age = column('datetime')
const orderId = column('int', { name: 'order_id' })
const lineId = column('int', { name: 'line_id' })

function targetOf(name: string): TargetTable {
  return { name: { schema: 'shop', table: name }, place: 'here', table: undefined, partitions: undefined }
}

function childTable(name: string, refersTo: typeof id) {
  const indexes = [index('PRIMARY', ['id']), index('by_parent', [refersTo.name], { isUnique: false })]
  return {
    table: table(name, [id, refersTo], indexes),
    key: [id],
    copied: [id, refersTo],
    columns: [refersTo],
    parentColumns: [id],
    target: targetOf(`${name}_archive`),
  }
}

const tables: Tables = {
  source: {
    table: table('orders', [id, age], [index('PRIMARY', ['id']), index('by_age', ['created_at'])]),
    key: [id],
    copied: [id, age],
    walk: { index: 'by_age', columns: [age, id] },
    partitions: undefined,
  },
  target: targetOf('orders_archive'),
  age: datetime('UTC'),
  zone: 'UTC',
  children: [{ ...childTable('line', orderId), children: [{ ...childTable('note', lineId), children: [] }] }],
}

const eligible = { range: { from: '2005-06-01', to: '2005-07-01' }, where: "status = 'DONE' OR paid" }
const stretch = { first: ['2005-06-01 10:00:00', 7n], last: ['2005-06-01 11:00:00', 3n] }
const [live, line, note] = listMovedTables(tables) as [MovedTable, MovedTable, MovedTable]

describe('the statements of a batch', () => {
  test('lock along the age, behind the batch before, with the condition in parentheses', () => {
    const next = { ...eligible, last: stretch.last, rows: 2000 }
    expect(describeStatement(lockNextRows(tables.source, [age, id], next))).toMatchInlineSnapshot(
      `"/* rowkeeper archive.lock-next-rows */ SELECT \`created_at\` AS \`column_0\`, \`id\` AS \`column_1\`, CRC32(CRC32(CONCAT(\`id\`, _binary'|', \`created_at\`))) AS row_checksum FROM \`shop\`.\`orders\` FORCE INDEX (\`by_age\`) WHERE \`created_at\` >= ? AND \`created_at\` < ? AND ((\`created_at\` > ?) OR (\`created_at\` = ? AND \`id\` > ?)) AND (status = 'DONE' OR paid) ORDER BY \`created_at\`, \`id\` LIMIT ? FOR UPDATE"`,
    )
  })

  test('copy a stretch of the live table', () => {
    expect(
      describeStatement(copyBetween(tables.source, live, { ...eligible, ...stretch })),
    ).toMatchInlineSnapshot(
      `"/* rowkeeper archive.copy-between */ INSERT INTO \`shop\`.\`orders_archive\` (\`id\`, \`created_at\`) SELECT \`id\`, \`created_at\` FROM \`shop\`.\`orders\` FORCE INDEX (\`by_age\`) WHERE \`created_at\` >= ? AND \`created_at\` < ? AND ((\`created_at\` > ?) OR (\`created_at\` = ? AND \`id\` >= ?)) AND ((\`created_at\` < ?) OR (\`created_at\` = ? AND \`id\` <= ?)) AND (status = 'DONE' OR paid)"`,
    )
  })

  test('read no more of the archive table than was put there, and one row', () => {
    const read = { ...stretch, walk: [age, id], rows: 2001 }
    expect(describeStatement(digestBetween(live, 'by_age', read))).toMatchInlineSnapshot(
      `"/* rowkeeper archive.digest-between */ SELECT COUNT(*) AS row_count, COALESCE(BIT_XOR(row_checksum), 0) AS checksum_xor, COALESCE(SUM(row_checksum), 0) AS checksum_sum FROM (SELECT CRC32(CRC32(CONCAT(\`id\`, _binary'|', \`created_at\`))) AS row_checksum FROM \`shop\`.\`orders_archive\` FORCE INDEX (\`by_age\`) WHERE ((\`created_at\` > ?) OR (\`created_at\` = ? AND \`id\` >= ?)) AND ((\`created_at\` < ?) OR (\`created_at\` = ? AND \`id\` <= ?)) LIMIT ?) AS moved"`,
    )
  })

  test('lock children along their foreign key, in the order of their own', () => {
    const keys = { read: [id], keys: [[7n]], rows: 100 }
    expect(line.link && describeStatement(lockChildren(line, line.link, keys))).toMatchInlineSnapshot(
      `"/* rowkeeper archive.lock-children */ SELECT \`id\` AS \`column_0\`, CRC32(CRC32(CONCAT(\`id\`, _binary'|', \`order_id\`))) AS row_checksum FROM \`shop\`.\`line\` FORCE INDEX (\`by_parent\`) WHERE \`order_id\` IN (?) ORDER BY \`id\` LIMIT ? FOR UPDATE"`,
    )
  })

  test('copy grandchildren with the age of the row at the top', () => {
    expect(describeStatement(copyChildren(note, age, [[1n]]))).toMatchInlineSnapshot(
      `"/* rowkeeper archive.copy-children */ INSERT INTO \`shop\`.\`note_archive\` (\`id\`, \`line_id\`, \`rowkeeper_age\`) SELECT \`level_0\`.\`id\`, \`level_0\`.\`line_id\`, \`level_2\`.\`created_at\` FROM (SELECT \`id\`, \`line_id\` FROM \`shop\`.\`note\` FORCE INDEX (\`PRIMARY\`) WHERE \`id\` IN (?)) AS level_0 JOIN \`shop\`.\`line\` AS \`level_1\` ON \`level_1\`.\`id\` = \`level_0\`.\`line_id\` JOIN \`shop\`.\`orders\` AS \`level_2\` ON \`level_2\`.\`id\` = \`level_1\`.\`order_id\`"`,
    )
  })

  test('delete by key, while the row is old enough and the condition holds', () => {
    expect(
      describeStatement(deleteRows(live, age, { ...eligible, keys: [[7n], [8n]] })),
    ).toMatchInlineSnapshot(
      `"/* rowkeeper archive.delete-rows */ DELETE \`shop\`.\`orders\` FROM \`shop\`.\`orders\` FORCE INDEX (\`PRIMARY\`) WHERE \`id\` IN (?, ?) AND \`created_at\` >= ? AND \`created_at\` < ? AND (status = 'DONE' OR paid)"`,
    )
  })
})
