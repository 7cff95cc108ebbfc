import { describe, expect, it } from 'vitest'
import type { Age } from '../../../../jobs/archive/partitions/age.ts'
import { interpret } from '../../../../jobs/archive/partitions/partition-map.ts'
import { boundOf, readScheme, type Scheme, schemeFor } from '../../../../jobs/archive/partitions/scheme.ts'
import type { PartitionMap } from '../../../../src/db/partitions.ts'
import { column, date, datetime, mapOf, milliseconds, seconds, timestamp } from './sample.ts'

const utc = datetime('UTC')
const millisecondStamp: Age = { column: column('timestamp(3)'), kind: 'timestamp' }

function covers(map: PartitionMap, age: Age, zone = 'UTC') {
  const table = interpret(map, age, zone)
  if ('problem' in table) return table.problem
  return table.partitions.map((partition) => [partition.name, partition.covers, partition.month])
}

describe('a new table', () => {
  it.each<[Age, Scheme]>([
    [date, { method: 'RANGE COLUMNS', by: 'column' }],
    [utc, { method: 'RANGE COLUMNS', by: 'column' }],
    [timestamp, { method: 'RANGE', by: 'unix_timestamp' }],
    [seconds, { method: 'RANGE', by: 'column' }],
  ])('is cut the same way on both servers: %j', (age, scheme) => {
    expect([schemeFor(age, 'mariadb'), schemeFor(age, 'mysql')]).toEqual([scheme, scheme])
  })

  it('goes around what MySQL refuses for decimals of a second', () => {
    expect(schemeFor(millisecondStamp, 'mysql').by).toBe('floor(unix_timestamp)')
    expect(schemeFor(millisecondStamp, 'mariadb').by).toBe('unix_timestamp')
  })
})

describe('an existing table', () => {
  it.each<[Age, string, string, Scheme['by']]>([
    [date, 'RANGE COLUMNS', 'created_at', 'column'],
    [date, 'RANGE', 'to_days(created_at)', 'to_days'],
    [utc, 'RANGE COLUMNS', 'CREATED_AT', 'column'],
    [utc, 'RANGE', 'to_seconds(created_at)', 'to_seconds'],
    [timestamp, 'RANGE', 'unix_timestamp(created_at)', 'unix_timestamp'],
    [millisecondStamp, 'RANGE', 'floor(unix_timestamp(created_at))', 'floor(unix_timestamp)'],
    [seconds, 'RANGE', 'created_at', 'column'],
    [milliseconds, 'RANGE COLUMNS', 'created_at', 'column'],
  ])('%j by %s (%s) holds months', (age, method, expression, by) => {
    expect(readScheme(mapOf({}, { method, expression }), age, 'UTC')).toEqual({ method, by })
  })

  it.each<[Age, Partial<PartitionMap>, RegExp]>([
    [date, { method: 'HASH', expression: 'created_at' }, /only ranges follow each other/],
    [date, { method: 'LIST COLUMNS' }, /only ranges follow each other/],
    [date, { method: 'RANGE', expression: 'year(created_at)' }, /cannot hold the months of created_at/],
    [date, { method: 'RANGE', expression: '((year(created_at) * 100) + month(created_at))' }, /cannot hold/],
    [date, { expression: 'paid_at' }, /cannot hold the months of created_at/],
    [date, { expression: 'created_at,id' }, /cannot hold/],
    [timestamp, {}, /cannot hold/],
    [seconds, { method: 'RANGE', expression: 'unix_timestamp(created_at)' }, /cannot hold/],
    [date, { hasSubpartitions: true }, /a month must be one piece/],
    [datetime('Asia/Seoul'), { method: 'RANGE', expression: 'to_days(created_at)' }, /midnight in UTC/],
  ])('%j as %j does not', (age, more, problem) => {
    expect(readScheme(mapOf({}, more), age, 'UTC')).toEqual({ problem: expect.stringMatching(problem) })
  })

  it('is refused for a bound that is no time', () => {
    expect(covers(mapOf({ p1: '_utf8mb4 0xc3a9' }), date)).toMatch(/bound of p1.*is no point in time/)
  })

  it('has the bounds of TO_DAYS and TO_SECONDS', () => {
    const layout = (by: Scheme['by']) => ({
      scheme: { method: 'RANGE' as const, by },
      age: date,
      zone: 'UTC',
    })
    expect(boundOf('2025-01', layout('to_days'))).toBe('739617')
    expect(boundOf('2025-01', layout('to_seconds'))).toBe('63902908800')
  })
})

describe('partitions', () => {
  it('are months, however the bound was written', () => {
    const bounds = {
      a: '2005-07-01',
      b: '2005-08-01 00:00:00',
      c: '20050901000000',
      d: '2005-10-01 00:00:00.000',
    }
    expect(covers(mapOf(bounds), utc)).toEqual([
      ['a', 'month', '2005-06'],
      ['b', 'month', '2005-07'],
      ['c', 'month', '2005-08'],
      ['d', 'month', '2005-09'],
    ])
  })

  it('are months of the declared zone', () => {
    const bounds = { a: '2005-06-30 15:00:00', b: '2005-07-31 15:00:00' }
    expect(covers(mapOf(bounds), utc, 'Asia/Seoul')).toEqual([
      ['a', 'month', '2005-06'],
      ['b', 'month', '2005-07'],
    ])
  })

  it.each<[string, Age, Partial<PartitionMap>, string, string]>([
    ['seconds', seconds, { method: 'RANGE' }, '1117551600', '1120143600'],
    ['milliseconds', milliseconds, { method: 'RANGE' }, '1117551600000', '1120143600000'],
    [
      'TIMESTAMP',
      timestamp,
      { method: 'RANGE', expression: 'unix_timestamp(created_at)' },
      '1117551600',
      '1120143600',
    ],
  ])('are months by %s', (_, age, more, may, june) => {
    expect(covers(mapOf({ may, june }, more), age, 'Asia/Seoul')).toEqual([
      [expect.anything(), 'month', '2005-05'],
      [expect.anything(), 'month', '2005-06'],
    ])
  })

  it('that are wide are not taken for one month', () => {
    const bounds = { p200505: '2005-06-01', p200510: '2005-11-01', pmax: undefined }
    expect(covers(mapOf(bounds), date)).toEqual([
      ['p200505', 'month', '2005-05'],
      ['p200510', 'several months', undefined],
      ['pmax', 'maxvalue', undefined],
    ])
  })

  it('that end inside a month are parts of it', () => {
    const bounds = { p0: '2024-12-19 09:00:00', p202412: '2025-01-01' }
    expect(covers(mapOf(bounds), utc)).toEqual([
      ['p0', 'part of a month', '2024-12'],
      ['p202412', 'part of a month', '2024-12'],
    ])
  })

  it.each<[string, Age, Partial<PartitionMap>, string, string]>([
    ['TO_DAYS', date, { method: 'RANGE', expression: 'to_days(created_at)' }, '0', '732493'],
    ['seconds', seconds, { method: 'RANGE' }, '0', '1120176000'],
    ['DATE', date, {}, '1000-01-01', '2005-07-01'],
    ['a zero date', date, {}, '0000-00-00', '2005-07-01'],
  ])('below all time by %s hold no month, and the next begins nowhere', (_, age, more, none, june) => {
    const table = interpret(mapOf({ none, june }, more), age, 'UTC')
    expect(table).toMatchObject({
      partitions: [
        { covers: 'before', month: undefined },
        { covers: 'month', month: '2005-06', firstMonth: undefined },
      ],
    })
  })

  it('reach to the end of time', () => {
    const bounds = { a: '1117584000000', b: '18446744073709551615' }
    expect(covers(mapOf(bounds, { method: 'RANGE' }), milliseconds)).toEqual([
      ['a', 'month', '2005-05'],
      ['b', 'several months', undefined],
    ])
  })

  it('of another zone’s months are refused with the way out', () => {
    const bounds = { p200505: '2005-06-01 00:00:00', p200506: '2005-07-01 00:00:00' }
    expect(covers(mapOf(bounds), utc, 'Asia/Seoul')).toMatch(
      /p200506 lies from 2005-06-01 00:00:00 to 2005-07-01 00:00:00.*age: timeZone/,
    )
  })
})
