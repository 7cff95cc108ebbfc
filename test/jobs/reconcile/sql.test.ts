import { describe, expect, it } from 'vitest'
import {
  explainCandidates,
  insertAlso,
  selectCandidates,
  selectItem,
  selectRow,
  updateRow,
} from '../../../jobs/reconcile/sql.ts'
import { describeStatement, sql } from '../../../src/db/statement.ts'
import { sampleOptions, sampleRow, sampleSource } from './sample.ts'

const page = {
  oldest: '2026-10-23 03:00:00.000',
  youngest: '2026-11-22 02:55:00.000',
  after: undefined,
  rows: 500,
}

function textOf(more: Parameters<typeof sampleOptions>[0], source = sampleSource()): string {
  return describeStatement(selectCandidates(source, sampleOptions(more), page))
}

describe('candidates', () => {
  it('are read along the index of the creation time, open rows whole and settled ones by a sample', () => {
    const statement = selectCandidates(sampleSource(), sampleOptions(), page)
    expect(describeStatement(statement)).toBe(
      '/* rowkeeper reconcile.select-candidates */ SELECT `id` AS `key_0`, `order_id` AS `reference`, ' +
        '`status` AS `status`, `amount` AS `amount`, `created_at` AS `created_at` FROM `shop`.`payments` ' +
        'FORCE INDEX (`by_created_at`) WHERE `created_at` >= ? AND `created_at` <= ? AND (`status` IN (?) OR ' +
        "(`status` IN (?) AND CRC32(CONCAT_WS('/', `id`)) MOD ? < ?) OR `status` IN (?) OR " +
        "(`status` IN (?) AND CRC32(CONCAT_WS('/', `id`)) MOD ? < ?)) ORDER BY `created_at`, `id` LIMIT ?",
    )
    expect(statement.values).toEqual([
      ...[page.oldest, page.youngest, 'PENDING'],
      ...['PAID', 100_000, 2000, 'FAILED', 'REFUNDED', 100_000, 2000, 500],
    ])
  })

  it('leave out a class whose share is 0, and read all of one whose share is 1', () => {
    expect(textOf({ settled: { paid: 0, refunded: 1 } })).toContain(
      '(`status` IN (?) OR `status` IN (?) OR `status` IN (?)) ',
    )
  })

  it('meet the configured condition as it is written, question marks and all', () => {
    const where = "note LIKE '%?%' OR shop = 7"
    expect(textOf({ where })).toContain(`AND (${where}) ORDER BY`)
  })

  it('are asked for without an index where there is none', () => {
    expect(textOf({}, { ...sampleSource(), scanIndex: undefined })).not.toContain('FORCE INDEX')
  })

  it('are explained in the rows that name the access type, also by servers whose default is a tree', () => {
    const statement = explainCandidates(sampleSource(), sampleOptions(), page)
    expect(describeStatement(statement)).toMatch(/ EXPLAIN FORMAT=TRADITIONAL SELECT /)
  })

  it('are none, in correct SQL, when every share is 0', () => {
    const only = { statuses: { paid: ['PAID'] }, settled: { paid: 0 } } as const
    expect(textOf({ statuses: { paid: [...only.statuses.paid] }, settled: only.settled })).not.toContain(
      'AND ()',
    )
  })
})

describe('a fix', () => {
  const set = [{ column: 'status', value: sql`${'PAID'}` }]

  it('compares the status it was judged by', () => {
    const statement = updateRow(sampleSource(), sampleRow(), set)
    expect(describeStatement(statement)).toBe(
      '/* rowkeeper reconcile.update-row */ UPDATE `shop`.`payments` SET `status` = ? WHERE `id` = ? AND `status` = ?',
    )
    expect(statement.values).toEqual(['PAID', 17n, 'FAILED'])
  })

  it('compares the time of the last change and the version too, as the column has them, NULL included', () => {
    const source = sampleSource({
      columns: { updatedAt: ['updated_at', 'datetime'], version: ['version', 'int'] },
    })
    const row = sampleRow({ updatedText: '2026-11-22 12:00:00.123456', version: undefined })
    const statement = updateRow(source, row, set)
    expect(describeStatement(statement)).toMatch(/AND `updated_at` <=> \? AND `version` <=> \?$/)
    expect(statement.values.slice(-2)).toEqual(['2026-11-22 12:00:00.123456', null])
  })
})

describe('a row read again', () => {
  it('is told whether it may be cancelled: an unknown condition does not block', () => {
    const blocked = (blockCompensation: string) =>
      describeStatement(selectRow(sampleSource(), sampleOptions({ blockCompensation }), ['17']))
    expect(blocked('shipped_at IS NOT NULL OR 1=0')).toContain(
      '(shipped_at IS NOT NULL OR 1=0) IS TRUE AS compensation_blocked',
    )
    expect(blocked('')).not.toContain('compensation_blocked')
  })
})

describe('names and values', () => {
  it('of an outbox row are quoted, never spliced', () => {
    const statement = insertAlso('sh`op', 'out.box', { 'a`b': "'); DROP TABLE x; --" })
    expect(describeStatement(statement)).toBe(
      '/* rowkeeper reconcile.insert-also */ INSERT INTO `sh``op`.`out.box` (`a``b`) VALUES (?)',
    )
    expect(statement.values).toEqual(["'); DROP TABLE x; --"])
  })

  it('of an item never widen the search for its hash', () => {
    expect(selectItem('shop', 'payments', 'ab%_').values).toEqual(['payments', 'ab%_', 'ab--%', 'ab%_'])
  })
})
