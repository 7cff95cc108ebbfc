import { describe, expect, it } from 'vitest'
import {
  elapsedBetween,
  fromColumnTime,
  fromControlTime,
  shiftInstant,
  toColumnTime,
  toControlTime,
  toEarliestColumnTime,
} from '../../src/db/date-time.ts'

const datetime = { dataType: 'datetime' }
const timestamp = { dataType: 'timestamp' }

describe('a DATETIME', () => {
  it.each([
    ['2026-11-22 12:00:00', 'Asia/Seoul', '2026-11-22T03:00:00.000Z'],
    ['2026-11-22 12:00:00', '+05:45', '2026-11-22T06:15:00.000Z'],
    ['2026-11-22 12:00:00', '-03:30', '2026-11-22T15:30:00.000Z'],
    ['2026-11-22 12:00:00', 'UTC', '2026-11-22T12:00:00.000Z'],
    ['2026-11-22 12:00:00.123456', 'UTC', '2026-11-22T12:00:00.123Z'],
    ['2026-11-22', 'Asia/Seoul', '2026-11-21T15:00:00.000Z'],
    ['1987-07-01 12:00:00', 'Asia/Seoul', '1987-07-01T02:00:00.000Z'],
    ['9999-12-31 23:59:59.999999', 'UTC', '9999-12-31T23:59:59.999Z'],
    ['0001-01-01 00:00:00', 'UTC', '0001-01-01T00:00:00.000Z'],
  ])('%s in %s is %s', (text, zone, instant) => {
    expect(fromColumnTime(text, datetime, zone)).toBe(instant)
  })

  it.each(['0000-00-00 00:00:00', '2026-02-31 00:00:00', '', 'soon', '2026-11-22 25:00:00'])(
    '%j is no point in time',
    (text) => {
      expect(fromColumnTime(text, datetime, 'UTC')).toBeUndefined()
    },
  )

  it('in a zone that the server writes as an offset comes back as it was', () => {
    for (const zone of ['Asia/Seoul', '+05:45', 'America/New_York', 'UTC']) {
      const text = toColumnTime('2026-07-01T03:04:05.678Z', datetime, zone)
      expect(fromColumnTime(text, datetime, zone), zone).toBe('2026-07-01T03:04:05.678Z')
    }
  })
})

describe('the night New York lives an hour twice', () => {
  const zone = 'America/New_York'

  it('takes the later of both instants, so that no row looks older than it is', () => {
    expect(fromColumnTime('2026-11-01 01:30:00', datetime, zone)).toBe('2026-11-01T06:30:00.000Z')
    expect(fromColumnTime('2026-11-01 00:30:00', datetime, zone)).toBe('2026-11-01T04:30:00.000Z')
    expect(fromColumnTime('2026-11-01 02:30:00', datetime, zone)).toBe('2026-11-01T07:30:00.000Z')
  })

  it('writes both instants as one text', () => {
    const texts = ['2026-11-01T05:30:00.000Z', '2026-11-01T06:30:00.000Z'].map((instant) =>
      toColumnTime(instant, datetime, zone),
    )
    expect(texts).toEqual(['2026-11-01 01:30:00.000', '2026-11-01 01:30:00.000'])
  })
})

describe('the lower bound of a window', () => {
  const zone = 'America/New_York'
  const hour = 60 * 60 * 1000

  it('lets every later row through, also in the hour lived twice', () => {
    const start = Date.parse('2026-11-01T03:00:00.000Z')
    const instants = Array.from({ length: 25 }, (_, index) =>
      new Date(start + (index * hour) / 4).toISOString(),
    )
    for (const [index, bound] of instants.entries()) {
      const text = toEarliestColumnTime(bound, datetime, zone)
      const later = instants.slice(index).map((instant) => toColumnTime(instant, datetime, zone))
      expect(
        later.filter((written) => written < text),
        bound,
      ).toEqual([])
    }
  })

  it('is exact on every other day', () => {
    expect(toEarliestColumnTime('2026-11-22T03:00:00.000Z', datetime, zone)).toBe('2026-11-21 22:00:00.000')
  })
})

describe('the night New York leaves an hour out', () => {
  it('still makes one instant of a time that was never shown, on the far side', () => {
    const instant = fromColumnTime('2026-03-08 02:30:00', datetime, 'America/New_York')
    expect(instant).toBe('2026-03-08T07:30:00.000Z')
  })
})

describe('a TIMESTAMP', () => {
  it('is in UTC whatever the application’s zone, since every session is', () => {
    expect(fromColumnTime('2026-11-01 01:30:00', timestamp, 'America/New_York')).toBe(
      '2026-11-01T01:30:00.000Z',
    )
    expect(toColumnTime('2026-11-01T01:30:00.000Z', timestamp, 'Asia/Seoul')).toBe('2026-11-01 01:30:00.000')
  })
})

describe('instants', () => {
  it('are moved and compared exactly, over a change of the clocks too', () => {
    expect(shiftInstant('2026-11-01T05:30:00.000Z', 60 * 60 * 1000)).toBe('2026-11-01T06:30:00.000Z')
    expect(shiftInstant('2026-11-22T03:00:00.000Z', -1)).toBe('2026-11-22T02:59:59.999Z')
    expect(elapsedBetween('2026-11-22T03:00:00.000Z', '2026-11-22T12:00:00.000+09:00')).toBe(0)
    expect(elapsedBetween('2026-11-22T03:00:00.001Z', '2026-11-22T03:00:00.000Z')).toBe(-1)
  })

  it('of the control tables come back as they were', () => {
    expect(toControlTime('2026-11-22T03:00:00.120Z')).toBe('2026-11-22 03:00:00.120')
    expect(fromControlTime('2026-11-22 03:00:00.120')).toBe('2026-11-22T03:00:00.120Z')
  })
})
