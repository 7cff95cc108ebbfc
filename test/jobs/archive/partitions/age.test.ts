import { describe, expect, it } from 'vitest'
import {
  type Age,
  ageValue,
  monthBound,
  monthOfValue,
  monthStart,
  oldestAge,
  toAge,
} from '../../../../jobs/archive/partitions/age.ts'
import { monthsFrom, nextMonth } from '../../../../jobs/archive/partitions/months.ts'
import { toColumnTime } from '../../../../src/db/date-time.ts'
import { column, date, datetime, milliseconds, seconds, timestamp } from './sample.ts'

describe('the age', () => {
  it.each([
    ['date', undefined, 'date'],
    ['datetime(6)', undefined, 'datetime'],
    ['timestamp', undefined, 'timestamp'],
    ['int(11)', 'seconds', 'epoch'],
    ['int(10) unsigned', 'seconds', 'epoch'],
    ['bigint unsigned', 'milliseconds', 'epoch'],
  ] as const)('can be a %s, unit %s', (columnType, unit, kind) => {
    expect(toAge(column(columnType), { unit, columnZone: 'UTC' })).toMatchObject({ kind })
  })

  it.each([
    ['bigint', undefined, /nothing says what it counts; add unit: seconds/],
    ['int(11)', 'milliseconds', /too small for milliseconds/],
    ['datetime', 'seconds', /remove unit/],
    ['date', 'milliseconds', /remove unit/],
    ['mediumint(9)', 'seconds', /too small for seconds/],
    ['decimal(20,6)', 'seconds', /a date or a whole number/],
    ['double', 'seconds', /a date or a whole number/],
    ['varchar(19)', undefined, /ordered by its collation/],
    ['time', undefined, /belongs to no month/],
    ['year(4)', undefined, /does not tell months apart/],
    ['blob', undefined, /an age is a DATE/],
  ] as const)('cannot be a %s, unit %s', (columnType, unit, problem) => {
    expect(toAge(column(columnType), { unit, columnZone: 'UTC' })).toEqual({
      problem: expect.stringMatching(problem),
    })
  })

  it('cannot be generated', () => {
    const generated = column('datetime', { isGenerated: true, generation: 'stored' })
    expect(toAge(generated, { unit: undefined, columnZone: 'UTC' })).toHaveProperty('problem')
  })
})

describe('the value of a cutoff', () => {
  const cutoff = '2025-10-22T05:06:07.899Z'

  it.each<[string, Age, string, unknown]>([
    ['DATE: not the day itself', date, 'Asia/Seoul', '2025-10-22'],
    ['DATE: the day of the months’ zone', date, 'America/Los_Angeles', '2025-10-21'],
    ['DATETIME: the wall clock of its zone', datetime('Asia/Seoul'), 'UTC', '2025-10-22 14:06:07'],
    ['DATETIME(2): down to its digits', datetime('UTC', 'datetime(2)'), 'UTC', '2025-10-22 05:06:07.89'],
    ['DATETIME(6)', datetime('UTC', 'datetime(6)'), 'UTC', '2025-10-22 05:06:07.899'],
    ['TIMESTAMP: UTC', timestamp, 'Asia/Seoul', '2025-10-22 05:06:07'],
    ['seconds', seconds, 'UTC', 1761109567n],
    ['milliseconds', milliseconds, 'UTC', 1761109567899n],
  ])('for %s', (_, age, zone, value) => {
    expect(ageValue(cutoff, age, zone)).toBe(value)
  })

  it('takes no younger row of an hour that comes twice', () => {
    // 01:45 for the first time; rows written between 01:00 and 01:45 of the second pass look older and are not.
    expect(ageValue('2025-11-02T05:45:00.000Z', datetime('America/New_York'), 'UTC')).toBe(
      '2025-11-02 00:45:00',
    )
  })

  it('is below that of no younger instant, through both changes of the clock', () => {
    const age = datetime('America/New_York', 'datetime(3)')
    const minutes = (start: string) =>
      Array.from({ length: 300 }, (_, minute) => new Date(Date.parse(start) + minute * 60_000).toISOString())
    for (const instants of [minutes('2025-03-09T04:30:00Z'), minutes('2025-11-02T03:30:00Z')]) {
      const texts = instants.map((instant) => toColumnTime(instant, age.column, 'America/New_York'))
      instants.forEach((instant, at) => {
        const value = String(ageValue(instant, age, 'UTC'))
        expect(texts.slice(at).filter((text) => text < value)).toEqual([])
      })
    }
  })
})

describe('the bound of a month', () => {
  it.each<[Age, string, string, unknown]>([
    [date, '2005-06', 'Asia/Seoul', '2005-06-01'],
    [datetime('Asia/Seoul'), '2005-06', 'Asia/Seoul', '2005-06-01 00:00:00'],
    [datetime('UTC'), '2005-06', 'Asia/Seoul', '2005-05-31 15:00:00'],
    [datetime('Asia/Seoul', 'datetime(6)'), '2005-06', 'UTC', '2005-06-01 09:00:00'],
    // Midnight does not exist there, and nobody would write 01:00.
    [datetime('Asia/Amman'), '2005-04', 'Asia/Amman', '2005-04-01 00:00:00'],
    [timestamp, '2005-06', 'Asia/Seoul', 1117551600n],
    [timestamp, '2040-01', 'UTC', 2208988800n],
    [seconds, '2005-06', 'UTC', 1117584000n],
    [milliseconds, '2005-06', 'America/New_York', 1117598400000n],
  ])('of %j for %s in %s', (age, month, zone, bound) => {
    expect(monthBound(month, age, zone)).toBe(bound)
  })

  it('differs from what is compared with the column for TIMESTAMP alone', () => {
    expect(monthStart('2005-06', timestamp, 'Asia/Seoul')).toBe('2005-05-31 15:00:00')
    expect(monthStart('2005-06', seconds, 'UTC')).toBe(1117584000n)
  })
})

describe('the month of a value', () => {
  it.each<[string, Age, string, string | undefined]>([
    ['2005-06-30', date, 'Asia/Seoul', '2005-06'],
    ['2005-06-30 23:59:59.999999', datetime('Asia/Seoul', 'datetime(6)'), 'Asia/Seoul', '2005-06'],
    ['2005-06-30 15:00:00', datetime('UTC'), 'Asia/Seoul', '2005-07'],
    ['2005-06-30 14:59:59', datetime('UTC'), 'Asia/Seoul', '2005-06'],
    ['2005-06-30 14:59:59', timestamp, 'Asia/Seoul', '2005-06'],
    ['2005-06-30 15:00:00', timestamp, 'Asia/Seoul', '2005-07'],
    ['1117584000', seconds, 'UTC', '2005-06'],
    ['1117583999999', milliseconds, 'UTC', '2005-05'],
    // Allowed under ALLOW_INVALID_DATES, and sorted between its neighbours.
    ['2005-02-31', date, 'UTC', '2005-02'],
    ['18446744073709551615', milliseconds, 'UTC', '9999-12'],
    // No points in time.
    ['0000-00-00', date, 'UTC', undefined],
    ['2005-00-00', date, 'UTC', undefined],
    ['2005-06-00', date, 'UTC', undefined],
    ['0001-01-01', date, 'UTC', undefined],
    ['0000-00-00 00:00:00', datetime('UTC'), 'Asia/Seoul', undefined],
    ['0000-00-00 00:00:00', timestamp, 'UTC', undefined],
    ['0', seconds, 'UTC', undefined],
    ['-1', seconds, 'UTC', undefined],
  ])('of %s', (value, age, zone, month) => {
    expect(monthOfValue(value, age, zone)).toBe(month)
  })

  it.each([
    [date, 'UTC'],
    [datetime('UTC'), 'Asia/Seoul'],
    [datetime('America/New_York'), 'Asia/Kathmandu'],
    [timestamp, 'America/St_Johns'],
  ])('is undefined below the oldest age %#, and not from there on', (age, zone) => {
    expect(monthOfValue(String(oldestAge(age)), age, zone)).toBeDefined()
  })

  /** Texts compared as partitions compare them. */
  it.each([
    ['UTC', 'Asia/Seoul'],
    ['America/New_York', 'Asia/Seoul'],
    ['America/St_Johns', 'UTC'],
    ['America/St_Johns', 'America/St_Johns'],
    ['Asia/Amman', 'Pacific/Apia'],
    ['Pacific/Apia', 'America/Havana'],
  ])('lies in that month’s partition: written in %s, months of %s', (written, zone) => {
    const age = datetime(written)
    for (const month of monthsFrom('2009-02', '2012-02')) {
      const bound = String(monthBound(month, age, zone))
      const around = [-7_200, -3_600, -1_801, -1, 0, 1, 1_800, 3_600, 7_200].map((shift) =>
        toColumnTime(
          new Date(Date.parse(`${bound.replace(' ', 'T')}Z`) + shift * 1000).toISOString(),
          age.column,
          'UTC',
        ).slice(0, 19),
      )
      for (const text of around) {
        const found = monthOfValue(text, age, zone) ?? ''
        const [from, to] = [found, nextMonth(found)].map((of) => String(monthBound(of, age, zone)))
        expect([text, from !== undefined && from <= text, to !== undefined && text < to]).toEqual([
          text,
          true,
          true,
        ])
      }
    }
  })
})
