import { describe, expect, it } from 'vitest'
import type { Month } from '../../../../jobs/archive/partitions/months.ts'
import { interpret } from '../../../../jobs/archive/partitions/partition-map.ts'
import { expiredMonths, firstKeptMonth } from '../../../../jobs/archive/partitions/retention.ts'
import { column, date, mapOf } from './sample.ts'

function judge(bounds: Readonly<Record<string, string | undefined>>, keepFrom: Month, isNullable = false) {
  const table = interpret(mapOf(bounds), date, 'UTC')
  if ('problem' in table) throw new Error(table.problem)
  const age = { column: column('date', { isNullable }) }
  const { expired, kept } = expiredMonths({ partitions: table.partitions, keepFrom, age })
  return {
    expired: expired.map(({ name }) => name),
    kept: kept.map(({ partition, reasons }) => [partition.name, ...reasons]),
  }
}

const year = {
  p200501: '2005-02-01',
  p200502: '2005-03-01',
  p200503: '2005-04-01',
  p200504: '2005-05-01',
  p200505: '2005-06-01',
  p200506: '2005-07-01',
}

describe('the first month kept', () => {
  it.each([
    ['2026-11-22T00:00:00.000Z', 60, 'UTC', '2021-11'],
    // On the very bound: the month below is over.
    ['2026-11-01T00:00:00.000Z', 60, 'UTC', '2021-11'],
    ['2026-10-31T23:59:59.999Z', 60, 'UTC', '2021-10'],
    ['2026-10-31T23:59:59.999Z', 60, 'Asia/Seoul', '2021-11'],
  ])('at %s less %s months in %s is %s', (now, count, zone, month) => {
    expect(firstKeptMonth(now, { count, unit: 'months' }, zone)).toBe(month)
  })
})

describe('a month goes', () => {
  it('when its upper bound is not above the first month kept', () => {
    expect(judge(year, '2005-03')).toEqual({ expired: ['p200501', 'p200502'], kept: [] })
  })

  it('never, when none is old enough', () => {
    expect(judge(year, '2005-01')).toEqual({ expired: [], kept: [] })
  })

  it.each(['p200501', 'p_legacy', 'p209901'])('whatever its name says: %s', (name) => {
    expect(judge({ [name]: '2005-02-01', p2: '2005-03-01' }, '2005-02').expired).toEqual([name])
  })
})

describe('a partition stays', () => {
  it('when it is the last one, though all are old', () => {
    expect(judge(year, '2009-01')).toEqual({
      expired: ['p200501', 'p200502', 'p200503', 'p200504', 'p200505'],
      kept: [['p200506', 'it is the last one']],
    })
  })

  it('when it is the last one below MAXVALUE, and so does MAXVALUE', () => {
    expect(judge({ p200501: '2005-02-01', p200502: '2005-03-01', pmax: undefined }, '2009-01')).toEqual({
      expired: ['p200501'],
      kept: [
        ['p200502', 'it is the last one'],
        ['pmax', 'it has no upper bound'],
      ],
    })
  })

  it('when it begins long ago and reaches into a month that is kept', () => {
    expect(judge({ p200401: '2004-02-01', p_wide: '2005-07-01', p200507: '2005-08-01' }, '2005-06')).toEqual({
      expired: ['p200401'],
      kept: [['p_wide', 'it reaches into a month that is kept', 'it holds several months']],
    })
  })

  it('when it holds several months, or part of one: no count of a month could prove it', () => {
    const bounds = { a: '2004-01-01', b: '2004-03-01', c: '2004-03-15', d: '2004-04-01', e: '2004-05-01' }
    expect(judge(bounds, '2005-01').kept).toEqual([
      ['b', 'it holds several months'],
      ['c', 'it holds part of a month'],
      ['d', 'it holds part of a month'],
      ['e', 'it is the last one'],
    ])
  })

  it('when rows without an age lie in it, or zero dates', () => {
    expect(judge(year, '2005-03', true)).toEqual({
      expired: ['p200502'],
      kept: [['p200501', 'rows without an age lie in it']],
    })
    expect(judge({ p_none: '0000-00-00', ...year }, '2005-02')).toEqual({
      expired: ['p200501'],
      kept: [['p_none', 'its bound lies below all time']],
    })
  })
})
