import { describe, expect, it } from 'vitest'
import type { Age } from '../../../../jobs/archive/partitions/age.ts'
import { planPartitionChanges } from '../../../../jobs/archive/partitions/changes.ts'
import { type Month, monthsFrom } from '../../../../jobs/archive/partitions/months.ts'
import type { PartitionMap } from '../../../../src/db/partitions.ts'
import { date, datetime, mapOf } from './sample.ts'

function plan(map: PartitionMap, months: readonly Month[], through: Month, age: Age = date) {
  return planPartitionChanges({ map, months, through, age, zone: 'UTC' })
}

/** `p200507 < 2005-08-01`, as a partition is written. */
function written(partitions: readonly { readonly name: string; readonly upperBound: string | undefined }[]) {
  return partitions.map(({ name, upperBound }) => `${name} < ${upperBound ?? 'MAXVALUE'}`)
}

const twoMonths = { p200505: '2005-06-01', p200506: '2005-07-01' }
/** The moment of Vitess’s own cases: 19 December 2024, 09:56:32. */
const december = datetime('UTC')

describe('nothing changes', () => {
  it.each<[string, Readonly<Record<string, string | undefined>>, readonly Month[], Month]>([
    ['when every month is there', { ...twoMonths, p200507: '2005-08-01' }, ['2005-05'], '2005-07'],
    ['when nothing is wanted beyond what is there', twoMonths, [], '2005-06'],
    [
      'when a wide partition is not asked for',
      { p1: '2005-01-01', p2: '2005-07-01' },
      ['2004-12'],
      '2004-12',
    ],
  ])('%s', (_, bounds, months, through) => {
    expect(plan(mapOf(bounds), months, through)).toEqual([])
  })
})

describe('above the highest bound', () => {
  it('all months come in one statement, also after half a year in which nobody ran it', () => {
    const changes = plan(mapOf(twoMonths), ['2005-06', '2005-11'], '2006-02')
    expect(changes).toMatchObject([{ type: 'add', months: monthsFrom('2005-07', '2006-02') }])
    expect(changes.flatMap((change) => (change.type === 'add' ? written(change.partitions) : []))).toEqual([
      'p200507 < 2005-08-01',
      'p200508 < 2005-09-01',
      'p200509 < 2005-10-01',
      'p200510 < 2005-11-01',
      'p200511 < 2005-12-01',
      'p200512 < 2006-01-01',
      'p200601 < 2006-02-01',
      'p200602 < 2006-03-01',
    ])
  })

  it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      'from the middle of a month',
      { p0: '2024-12-19 09:00:00' },
      ['p202412 < 2025-01-01 00:00:00', 'p202501 < 2025-02-01 00:00:00', 'p202502 < 2025-03-01 00:00:00'],
    ],
    [
      'from the month that is there',
      { p0: '2024-12-19 09:00:00', p20241201: '2025-01-01 00:00:00' },
      ['p202501 < 2025-02-01 00:00:00', 'p202502 < 2025-03-01 00:00:00'],
    ],
  ])('three months ahead %s', (_, bounds, added) => {
    const changes = plan(mapOf(bounds), ['2024-12'], '2025-02', december)
    expect(changes).toMatchObject([{ type: 'add' }])
    expect(changes.flatMap((change) => (change.type === 'add' ? written(change.partitions) : []))).toEqual(
      added,
    )
  })

  it('counts in days where the table does', () => {
    const map = mapOf({ p0: '739604' }, { method: 'RANGE', expression: 'to_days(created_at)' })
    expect(plan(map, [], '2025-02', december)).toMatchObject([
      {
        type: 'add',
        partitions: [
          { name: 'p202412', upperBound: '739617' },
          { name: 'p202501', upperBound: '739648' },
          { name: 'p202502', upperBound: '739676' },
        ],
      },
    ])
  })

  it('takes another name where one is taken, in any case of letters', () => {
    const bounds = { P200507: '2005-06-01', p200507_2: '2005-07-01' }
    expect(plan(mapOf(bounds), [], '2005-07')).toMatchObject([
      { type: 'add', partitions: [{ name: 'p200507_3', upperBound: '2005-08-01' }] },
    ])
  })
})

describe('a partition is split', () => {
  it('once, for all months before the first', () => {
    const [change, ...rest] = plan(mapOf(twoMonths), ['2005-01', '2005-03', '2005-06'], '2005-06')
    expect(rest).toEqual([])
    expect(change).toMatchObject({
      type: 'split',
      partition: 'p200505',
      months: monthsFrom('2005-01', '2005-05'),
      reason: 'before the first',
      estimatedRows: 1000,
      bytes: 400,
    })
    expect(change?.type === 'split' && written(change.into)).toEqual([
      'p200501 < 2005-02-01',
      'p200502 < 2005-03-01',
      'p200503 < 2005-04-01',
      'p200504 < 2005-05-01',
      'p200505 < 2005-06-01',
    ])
  })

  it('when it holds several months and a row comes for one', () => {
    const bounds = { p_old: '2005-01-01', p_half: '2005-07-01' }
    expect(plan(mapOf(bounds), ['2005-03'], '2005-06')).toMatchObject([
      {
        partition: 'p_half',
        reason: 'several months in one',
        into: monthsFrom('2005-01', '2005-06').map((month) => ({ name: `p${month.replace('-', '')}` })),
      },
    ])
  })

  it('when the last month to be kept ready lies in it, while it is empty', () => {
    const bounds = { p2005: '2006-01-01', p2006: '2007-01-01' }
    expect(plan(mapOf(bounds), ['2005-12'], '2006-02')).toMatchObject([
      { partition: 'p2006', months: monthsFrom('2006-01', '2006-12') },
    ])
  })

  it('where a month was dropped below it', () => {
    const bounds = { p200504: '2005-05-01', p200506: '2005-07-01' }
    expect(plan(mapOf(bounds), ['2005-05'], '2005-06')).toMatchObject([
      {
        partition: 'p200506',
        reason: 'in the middle',
        into: [
          { name: 'p200505', upperBound: '2005-06-01' },
          { name: 'p200506', upperBound: '2005-07-01' },
        ],
      },
    ])
  })

  it('behind MAXVALUE, in one statement, and MAXVALUE stays', () => {
    const bounds = { ...twoMonths, pmax: undefined }
    const [change, ...rest] = plan(mapOf(bounds), ['2005-08'], '2005-09')
    expect(rest).toEqual([])
    expect(change).toMatchObject({ partition: 'pmax', reason: 'behind MAXVALUE' })
    expect(change?.type === 'split' && written(change.into)).toEqual([
      'p200507 < 2005-08-01',
      'p200508 < 2005-09-01',
      'p200509 < 2005-10-01',
      'pmax < MAXVALUE',
    ])
  })

  it('when MAXVALUE is all there is', () => {
    expect(plan(mapOf({ pmax: undefined }), ['2005-05'], '2005-06')).toMatchObject([
      { partition: 'pmax', months: ['2005-05', '2005-06'] },
    ])
  })

  it('ends where it ended, also inside a month', () => {
    const bounds = { a: '2005-01-01', b: '2005-03-15', c: '2005-04-01' }
    const [change] = plan(mapOf(bounds), ['2005-01'], '2005-03')
    expect(change?.type === 'split' && written(change.into)).toEqual([
      'p200501 < 2005-02-01',
      'p200502 < 2005-03-01',
      'p200503 < 2005-03-15',
    ])
  })

  it('beside an addition, when both are needed', () => {
    expect(plan(mapOf(twoMonths), ['2005-04'], '2005-07').map(({ type }) => type)).toEqual(['add', 'split'])
  })

  it('without a file for every month since a date that nobody meant', () => {
    const [change] = plan(mapOf(twoMonths), ['1970-01', '2005-03'], '2005-06')
    expect(change).toMatchObject({ type: 'split', months: ['1970-01', '2005-03', '2005-04', '2005-05'] })
    expect(change?.type === 'split' && written(change.into)).toEqual([
      'p197001 < 1970-02-01',
      'p197002_200502 < 2005-03-01',
      'p200503 < 2005-04-01',
      'p200504 < 2005-05-01',
      'p200505 < 2005-06-01',
    ])
  })
})

describe('it is refused', () => {
  it('for more partitions than servers allow, with their number', () => {
    const months = monthsFrom('1000-02', '2005-05').filter((_, at) => at % 200 === 0)
    expect(() => plan(mapOf(twoMonths), months, '2005-06')).toThrow(
      /would have 12,0\d\d partitions; the server allows 8,192/,
    )
  })

  it('for a table that cannot hold months', () => {
    const map = mapOf({ p0: '2005' }, { method: 'RANGE', expression: 'year(created_at)' })
    expect(() => plan(map, ['2005-05'], '2005-06')).toThrow(
      /cannot hold months: it is partitioned by RANGE \(year/,
    )
  })
})
