import { describe, expect, it } from 'vitest'
import type { ArchiveMonth } from '../../../../jobs/archive/exchange/archive-month.ts'
import { findDifferences } from '../../../../jobs/archive/exchange/obstacles.ts'
import type { LedgerMonth, MonthState } from '../../../../jobs/archive/ledger/ledger-month.ts'
import { definitionOf } from '../../../../jobs/archive/ledger/months.ts'
import { mayGo } from '../../../../jobs/archive/rotate/drop-held.ts'
import { exportPath } from '../../../../jobs/archive/rotate/export-month.ts'
import { encodingOf } from '../../../../jobs/archive/rotate/export-values.ts'
import { findRefusal } from '../../../../jobs/archive/rotate/refusal.ts'
import type { Column, TableDefinition } from '../../../../src/db/catalog.ts'

function column(name: string, more: Partial<Column> = {}): Column {
  return {
    name,
    dataType: 'int',
    columnType: 'int',
    isNullable: false,
    isInvisible: false,
    isGenerated: false,
    generation: 'none',
    isAutoIncrement: false,
    hasDefault: false,
    defaultText: undefined,
    onUpdateNow: false,
    maximumLength: undefined,
    characterSet: undefined,
    collation: undefined,
    ...more,
  }
}

const columns = [column('id'), column('created_at', { dataType: 'datetime', columnType: 'datetime' })]
const now = '2026-11-22T10:00:00.000Z'

function ledger(state: MonthState, more: Partial<LedgerMonth> = {}): LedgerMonth {
  return {
    month: '2005-06',
    state,
    digest: { rows: 3n, xor: 1n, sum: 1n },
    definition: definitionOf(columns),
    verifiedAt: undefined,
    pinnedAt: undefined,
    heldTable: undefined,
    heldUntil: undefined,
    exportFile: undefined,
    exportSha256: undefined,
    ...more,
  }
}

describe('whether a month may be taken out', () => {
  const partition: ArchiveMonth['partition'] = {
    name: 'p200506',
    month: '2005-06',
    firstMonth: '2005-06',
    lastMonth: '2005-06',
    from: '2005-06-01',
    to: '2005-07-01',
    covers: 'month',
    estimatedRows: 3,
    bytes: 16_384,
  }
  const key = columns.slice(0, 1)
  const table = { ledger: ledger('open'), columns, key, partition }

  it.each([
    [undefined, /^it holds rows that nobody accounted for/],
    [ledger('unproven'), /^it holds rows that nobody accounted for/],
    [ledger('exchanging'), /^it is still on its way/],
    [ledger('held'), /^it was taken out before/],
    [ledger('dropped'), /^it was taken out before/],
    [ledger('open', { pinnedAt: now }), /^it was restored/],
    [ledger('open', { definition: 'another' }), /^the table was altered/],
  ] as const)('%o: no', (known, reason) => {
    expect(findRefusal({ ...table, ledger: known })).toMatch(reason)
  })

  it('only with a partition of its own and a key', () => {
    expect(findRefusal({ ...table, partition: undefined })).toBe('it has no partition of its own')
    expect(findRefusal({ ...table, key: undefined })).toBe('no key tells its rows apart')
    expect(findRefusal(table)).toBeUndefined()
    expect(findRefusal({ ...table, ledger: ledger('rotating') })).toBeUndefined()
  })
})

describe('whether a held month may go', () => {
  const held = { schema: 'shop', table: 'rk_hold_orders_archive_200506' }
  const heldTable = held.table

  it.each([
    ['held until now', ledger('held', { heldTable, heldUntil: now }), true],
    [
      'held for a millisecond more',
      ledger('held', { heldTable, heldUntil: '2026-11-22T10:00:00.001Z' }),
      false,
    ],
    ['held and pinned', ledger('held', { heldTable, heldUntil: now, pinnedAt: now }), false],
    ['held without an end', ledger('held', { heldTable }), false],
    ['let go of by a run that died', ledger('dropped', { heldTable }), true],
    ['let go of, with late rows', ledger('open', { heldTable }), true],
    ['let go of, with late rows of unknown origin', ledger('unproven', { heldTable }), true],
    ['being taken out', ledger('rotating', { heldTable }), false],
    [
      'on its way in, through another table',
      ledger('exchanging', { heldTable: 'rk_hold_orders_200506' }),
      false,
    ],
    ['dropped to the end', ledger('dropped'), false],
    ['unknown', undefined, false],
  ] as const)('%s: %s', (_, known, may) => {
    expect(mayGo({ ledger: known, held }, now)).toBe(may)
  })
})

describe('a file of a month', () => {
  it('is named after the table and the month, and stays in its folder', () => {
    const pathOf = (table: string) =>
      exportPath(
        { folder: '/exports', format: 'csv' },
        { of: { schema: 'rk', archive: { schema: 'shop', table }, month: '2005-06' } },
      )
    expect(pathOf('orders_archive')).toBe('/exports/shop.orders_archive.2005-06.csv.gz')
    expect(pathOf('주문 1')).toBe('/exports/shop.주문 1.2005-06.csv.gz')
    expect(pathOf('../x/.y')).toBe('/exports/shop.%2E%2E%2Fx%2F%2Ey.2005-06.csv.gz')
  })

  it('has text as text only where that is exact', () => {
    const text = (characterSet: string) => encodingOf(column('c', { dataType: 'varchar', characterSet }))
    expect(['utf8mb4', 'latin1', 'utf32'].map(text)).toEqual(['text', 'text', 'text'])
    expect(['sjis', 'big5', 'gbk'].map(text)).toEqual(['base64', 'base64', 'base64'])
    const kinds = ['decimal', 'float', 'bit', 'json', 'blob', 'geometry', 'vector']
    const encodings = kinds.map((dataType) => encodingOf(column('c', { dataType })))
    expect(encodings).toEqual(['text', 'text', 'text', 'text', 'base64', 'base64', 'base64'])
  })
})

describe('what the servers exchange', () => {
  const table = (more: Partial<TableDefinition> = {}): TableDefinition => ({
    name: { schema: 'shop', table: 'orders_archive' },
    engine: 'InnoDB',
    options: { rowFormat: 'Dynamic', collation: 'utf8mb4_bin', createOptions: '' },
    columns,
    indexes: [],
    estimatedRows: 0,
    autoIncrement: undefined,
    hash: '',
    ...more,
  })

  it('are tables of the same columns, indexes and row format', () => {
    const wide = table({ columns: [...columns, column('extra')] })
    expect(findDifferences(table(), table(), 'mysql')).toEqual([])
    expect(findDifferences(table(), wide, 'mysql')).toEqual([
      'orders_archive has other columns (extra int NOT NULL instead of none)',
    ])
    const compressed = table({ options: { ...table().options, rowFormat: 'Compressed' } })
    expect(findDifferences(table(), compressed, 'mariadb')).toEqual([
      'orders_archive has ROW_FORMAT=Compressed instead of Dynamic',
    ])
  })

  it('differ by AUTO_INCREMENT on MySQL alone', () => {
    const numbered = table({ columns: [column('id', { isAutoIncrement: true }), ...columns.slice(1)] })
    expect(findDifferences(numbered, table(), 'mariadb')).toEqual([])
    expect(findDifferences(numbered, table(), 'mysql')).toEqual([
      'orders_archive has other columns (id int NOT NULL instead of id int NOT NULL AUTO_INCREMENT)',
    ])
  })
})
