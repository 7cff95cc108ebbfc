import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPeriod,
  parseDuration,
  parsePeriod,
  parseRatio,
  plural,
} from '../../src/lib/units.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('a period', () => {
  it.each([
    ['13 months', { count: 13, unit: 'months' }, '13 months'],
    [' 1 Month ', { count: 1, unit: 'months' }, '1 month'],
    ['2 years', { count: 2, unit: 'years' }, '2 years'],
    ['90 days', { count: 90, unit: 'days' }, '90 days'],
    ['3w', { count: 3, unit: 'weeks' }, '3 weeks'],
  ])('%j is %o', (text, period, formatted) => {
    const parsed = parsePeriod(text)
    expect(parsed).toEqual(period)
    expect(parsed && formatPeriod(parsed)).toBe(formatted)
  })

  it.each([
    '',
    '13',
    'months',
    '0 months',
    '-1 month',
    '1.5 years',
    '100000 days',
    '5 hours',
    '5m',
    '1 constructor',
  ])('%j is none', (text) => {
    expect(parsePeriod(text)).toBeUndefined()
  })
})

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['5s', 5 * SECOND],
    ['1.5s', 1500],
    ['5 m', 5 * MINUTE],
    ['5min', 5 * MINUTE],
    ['2H', 2 * HOUR],
    ['30 days', 30 * DAY],
    ['1w', 7 * DAY],
    [' 5s ', 5 * SECOND],
    ['0s', 0],
  ])('%j is %i ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it.each([
    '',
    '5',
    's',
    '-5s',
    '5 months',
    '1 year',
    '1e3s',
    '5s 3ms',
    'constructor',
    '5constructor',
    'Infinitys',
  ])('%j is none', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })

  it.each([
    [0, '0 ms'],
    [320, '320 ms'],
    [999, '999 ms'],
    [1500, '1.5 s'],
    [14 * SECOND, '14 s'],
    [60 * SECOND, '1 min'],
    [2 * HOUR + 5 * MINUTE, '2 h 5 min'],
    [2 * HOUR + 5 * SECOND, '2 h'],
    [3 * DAY + 59 * MINUTE, '3 d'],
    [400 * DAY, '400 d'],
  ])('of %i ms reads %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text)
  })
})

describe('a ratio', () => {
  it.each([
    ['2%', 0.02],
    ['0.02', 0.02],
    ['100 %', 1],
    ['0', 0],
    ['1', 1],
  ])('%j is %d', (text, ratio) => {
    expect(parseRatio(text)).toBeCloseTo(ratio, 10)
  })

  it.each(['', '2', '101%', '-1%', '%', '2%%', '1e-2'])('%j is none', (text) => {
    expect(parseRatio(text)).toBeUndefined()
  })
})

describe('numbers for people', () => {
  it('read the same on every machine', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567')
    expect([0, 1, 2, 1000].map((count) => plural(count, 'row'))).toEqual([
      '0 rows',
      '1 row',
      '2 rows',
      '1,000 rows',
    ])
    expect(plural(2, 'reply', 'replies')).toBe('2 replies')
  })

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [71 * 1024 ** 2, '71.0 MiB'],
    [2 ** 60, '1048576.0 TiB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })
})
