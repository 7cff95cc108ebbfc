import { describe, expect, it } from 'vitest'
import { latestSlot, nextSlots } from '../../../src/run/schedule/slots.ts'

function next(cron: string, timeZone: string, from: string, count = 3): string[] {
  return nextSlots({ cron, timeZone }, new Date(from), count).map((slot) => slot.toISOString())
}

function latest(cron: string, timeZone: string, now: string): string | undefined {
  return latestSlot({ cron, timeZone }, new Date(now))?.toISOString()
}

describe('nextSlots', () => {
  it.each([
    ['*/10 * * * *', 'UTC', '2026-11-22T03:00:00Z', ['03:10', '03:20', '03:30']],
    ['0 3 * * *', 'Asia/Seoul', '2026-11-22T17:59:59Z', ['18:00', '18:00', '18:00']],
    ['0 3 * * *', '+05:45', '2026-11-22T00:00:00Z', ['21:15', '21:15', '21:15']],
    ['0 3 * * *', 'Asia/Kathmandu', '2026-11-22T00:00:00Z', ['21:15', '21:15', '21:15']],
  ])('%s in %s after %s', (cron, timeZone, from, expected) => {
    expect(next(cron, timeZone, from).map((slot) => slot.slice(11, 16))).toEqual(expected)
  })

  it('is strictly later than its beginning, to the millisecond', () => {
    expect(next('0 * * * *', 'UTC', '2026-11-22T03:00:00.000Z', 1)).toEqual(['2026-11-22T04:00:00.000Z'])
    expect(next('0 * * * *', 'UTC', '2026-11-22T02:59:59.999Z', 1)).toEqual(['2026-11-22T03:00:00.000Z'])
  })

  it('takes six fields', () => {
    expect(next('*/30 * * * * *', 'UTC', '2026-11-22T03:00:00Z', 2)).toEqual([
      '2026-11-22T03:00:30.000Z',
      '2026-11-22T03:01:00.000Z',
    ])
  })

  it('gives nothing for a date that never comes, and finds 29 February', () => {
    expect(next('0 0 31 2 *', 'UTC', '2026-11-22T00:00:00Z')).toEqual([])
    expect(latest('0 0 31 2 *', 'Asia/Seoul', '2026-11-22T00:00:00Z')).toBeUndefined()
    expect(next('0 0 29 2 *', 'America/New_York', '2026-11-22T00:00:00Z', 1)).toEqual([
      '2028-02-29T05:00:00.000Z',
    ])
  })
})

describe('days on which the clocks change', () => {
  it('runs a fixed time once in the hour that New York lives twice: the first time', () => {
    expect(next('30 1 * * *', 'America/New_York', '2026-10-31T12:00:00Z', 2)).toEqual([
      '2026-11-01T05:30:00.000Z',
      '2026-11-02T06:30:00.000Z',
    ])
    // A process that starts between the two does not run it again.
    expect(latest('30 1 * * *', 'America/New_York', '2026-11-01T06:45:00Z')).toBe('2026-11-01T05:30:00.000Z')
  })

  it('runs a fixed time that New York skips at the moment of the skip', () => {
    expect(next('30 2 * * *', 'America/New_York', '2026-03-07T12:00:00Z', 2)).toEqual([
      '2026-03-08T07:00:00.000Z',
      '2026-03-09T06:30:00.000Z',
    ])
    expect(next('15,45 2 * * *', 'America/New_York', '2026-03-08T00:00:00Z', 2)).toEqual([
      '2026-03-08T07:00:00.000Z',
      '2026-03-09T06:15:00.000Z',
    ])
  })

  it('keeps the interval of a schedule with a star through both hours', () => {
    expect(next('*/30 * * * *', 'America/New_York', '2026-11-01T05:15:00Z', 5)).toEqual([
      '2026-11-01T05:30:00.000Z',
      '2026-11-01T06:00:00.000Z',
      '2026-11-01T06:30:00.000Z',
      '2026-11-01T07:00:00.000Z',
      '2026-11-01T07:30:00.000Z',
    ])
    expect(next('*/30 * * * *', 'America/New_York', '2026-03-08T06:15:00Z', 3)).toEqual([
      '2026-03-08T06:30:00.000Z',
      '2026-03-08T07:00:00.000Z',
      '2026-03-08T07:30:00.000Z',
    ])
  })

  it('knows the second pass of an hour that is starred only once a year', () => {
    expect(next('*/20 1 1 11 *', 'America/New_York', '2026-11-01T05:45:00Z', 2)).toEqual([
      '2026-11-01T06:00:00.000Z',
      '2026-11-01T06:20:00.000Z',
    ])
  })

  it('manages half an hour, a skipped midnight and a skipped day', () => {
    expect(next('0 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', 2)).toEqual([
      '2026-10-03T15:30:00.000Z',
      '2026-10-04T15:00:00.000Z',
    ])
    expect(next('30 0 * * *', 'America/Santiago', '2026-09-05T12:00:00Z', 1)).toEqual([
      '2026-09-06T04:00:00.000Z',
    ])
    expect(next('0 12 * * *', 'Pacific/Apia', '2011-12-29T23:00:00Z', 2)).toEqual([
      '2011-12-30T10:00:00.000Z',
      '2011-12-30T22:00:00.000Z',
    ])
  })

  it.each([
    'America/New_York',
    'Asia/Seoul',
    'Asia/Kathmandu',
    'Europe/Berlin',
    'Australia/Sydney',
    'America/Santiago',
  ])('comes once per local day of a year in %s, and latest agrees with next', (timeZone) => {
    const schedule = { cron: '30 1 * * *', timeZone }
    const slots = nextSlots(schedule, new Date('2026-01-01T12:00:00Z'), 365)
    expect(new Set(slots.map((slot) => localDay(slot, timeZone))).size).toBe(365)
    for (const slot of slots.filter((_, index) => index % 60 === 0)) {
      expect(latestSlot(schedule, slot)).toEqual(slot)
      expect(latestSlot(schedule, new Date(slot.getTime() - 1))).not.toEqual(slot)
    }
  })
})

function localDay(slot: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short' }).format(slot)
}

describe('latestSlot', () => {
  it('is the latest one only, however many were missed', () => {
    expect(latest('*/10 * * * *', 'UTC', '2026-11-22T03:17:12.345Z')).toBe('2026-11-22T03:10:00.000Z')
    expect(latest('0 3 * * *', 'Asia/Seoul', '2026-11-22T17:59:59Z')).toBe('2026-11-21T18:00:00.000Z')
  })

  it('counts a slot that is due this very millisecond', () => {
    expect(latest('0 3 * * *', 'UTC', '2026-11-22T03:00:00.000Z')).toBe('2026-11-22T03:00:00.000Z')
    expect(latest('0 3 * * *', 'UTC', '2026-11-22T02:59:59.999Z')).toBe('2026-11-21T03:00:00.000Z')
  })

  it('looks back over a month, and no further than 40 days', () => {
    expect(latest('0 0 1 * *', 'UTC', '2026-11-30T00:00:00Z')).toBe('2026-11-01T00:00:00.000Z')
    expect(latest('0 0 1 1 *', 'UTC', '2026-11-22T00:00:00Z')).toBeUndefined()
  })

  it('is quick enough to be asked at every wake-up', () => {
    const started = performance.now()
    for (let asked = 0; asked < 20; asked++) latest('*/5 * * * *', 'America/New_York', '2026-11-22T03:17:12Z')
    expect((performance.now() - started) / 20).toBeLessThan(100)
  })
})
