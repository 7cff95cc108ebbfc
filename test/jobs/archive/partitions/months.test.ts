import { describe, expect, it } from 'vitest'
import {
  isMonth,
  monthOf,
  monthsFrom,
  nextMonth,
  previousMonth,
  startOfMonth,
  subtractPeriod,
} from '../../../../jobs/archive/partitions/months.ts'
import { parsePeriod } from '../../../../src/lib/units.ts'

/** Whole hours, quarters of an hour, both hemispheres, a jump over a day, changes at midnight and a minute after it. */
const zones = [
  'UTC',
  '+09:00',
  'Asia/Seoul',
  'America/New_York',
  'America/Sao_Paulo',
  'America/Havana',
  'America/St_Johns',
  'Asia/Amman',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
]

describe('a month', () => {
  it.each(['2005-06', '1000-01', '9999-12'])('is %s', (text) => {
    expect(isMonth(text)).toBe(true)
  })

  it.each(['2005-00', '2005-13', '0000-01', '2005-6', '2005-06-01', '', '10000-01'])('is not %j', (text) => {
    expect(isMonth(text)).toBe(false)
  })

  it('has neighbours across a year', () => {
    expect([nextMonth('2005-12'), previousMonth('2006-01')]).toEqual(['2006-01', '2005-12'])
  })

  it('is listed from the first to the last', () => {
    expect(monthsFrom('2005-11', '2006-02')).toEqual(['2005-11', '2005-12', '2006-01', '2006-02'])
    expect(monthsFrom('2005-06', '2005-06')).toEqual(['2005-06'])
    expect(monthsFrom('2005-06', '2005-05')).toEqual([])
  })

  it.each([
    ['2005-06', 'UTC', '2005-06-01T00:00:00.000Z'],
    ['2005-06', 'Asia/Seoul', '2005-05-31T15:00:00.000Z'],
    ['2005-06', '+09:00', '2005-05-31T15:00:00.000Z'],
    ['2005-06', '-03:30', '2005-06-01T03:30:00.000Z'],
    ['2005-04', 'America/New_York', '2005-04-01T05:00:00.000Z'],
    ['2005-05', 'America/New_York', '2005-05-01T04:00:00.000Z'],
    ['2005-06', 'Asia/Kathmandu', '2005-05-31T18:15:00.000Z'],
    ['2011-12', 'Pacific/Apia', '2011-12-01T10:00:00.000Z'],
    ['2012-01', 'Pacific/Apia', '2011-12-31T10:00:00.000Z'],
    // Midnight does not exist: the first moment after it.
    ['1986-01', 'Asia/Kathmandu', '1985-12-31T18:30:00.000Z'],
    ['2005-04', 'Asia/Amman', '2005-03-31T22:00:00.000Z'],
    // Midnight comes twice: the first.
    ['2020-11', 'America/Havana', '2020-11-01T04:00:00.000Z'],
    ['2009-11', 'America/St_Johns', '2009-11-01T02:30:00.000Z'],
  ])('%s in %s begins at %s', (month, zone, instant) => {
    expect(startOfMonth(month, zone)).toBe(instant)
  })

  it.each(zones)('in %s is half open: each instant belongs to one, without a gap', (zone) => {
    for (const month of [...monthsFrom('1985-10', '1986-05'), ...monthsFrom('2005-01', '2012-03')]) {
      const start = startOfMonth(month, zone)
      const justBefore = new Date(Date.parse(start) - 1).toISOString()
      expect([month, monthOf(start, zone), monthOf(justBefore, zone)]).toEqual([
        month,
        month,
        previousMonth(month),
      ])
    }
  })

  it('goes on where a clock was put back across its beginning', () => {
    // 23:30 on 31 October for the second time, an hour after November had begun.
    expect(monthOf('2009-11-01T03:00:00.000Z', 'America/St_Johns')).toBe('2009-11')
  })
})

describe('a cutoff', () => {
  it.each([
    ['2026-03-31T12:00:00.000Z', '1 month', 'UTC', '2026-02-28T12:00:00.000Z'],
    ['2024-03-31T12:00:00.000Z', '1 month', 'UTC', '2024-02-29T12:00:00.000Z'],
    ['2024-02-29T12:00:00.000Z', '1 year', 'UTC', '2023-02-28T12:00:00.000Z'],
    ['2026-11-22T03:00:00.000Z', '13 months', 'Asia/Seoul', '2025-10-22T03:00:00.000Z'],
    // It is the first of March in Seoul already.
    ['2026-02-28T20:00:00.000Z', '1 month', 'Asia/Seoul', '2026-01-31T20:00:00.000Z'],
    // The same time of day, across both changes of the clock.
    ['2025-03-15T16:00:00.000Z', '1 month', 'America/New_York', '2025-02-15T17:00:00.000Z'],
    ['2025-03-10T16:00:00.000Z', '3 days', 'America/New_York', '2025-03-07T17:00:00.000Z'],
    ['2025-11-09T17:00:00.000Z', '1 week', 'America/New_York', '2025-11-02T17:00:00.000Z'],
    // 01:30 comes twice on that day: the first.
    ['2025-11-03T06:30:00.000Z', '1 day', 'America/New_York', '2025-11-02T05:30:00.000Z'],
    // 30 December 2011 was left out: the 31st at the same time.
    ['2012-01-29T20:00:00.000Z', '1 month', 'Pacific/Apia', '2011-12-30T20:00:00.000Z'],
  ])('of %s less %s in %s is %s', (instant, period, zone, cutoff) => {
    const parsed = parsePeriod(period)
    expect(parsed && subtractPeriod(instant, parsed, zone)).toBe(cutoff)
  })
})
