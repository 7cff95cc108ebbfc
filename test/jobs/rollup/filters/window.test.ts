import { describe, expect, test } from 'vitest'
import { createJudge } from '../../../../jobs/rollup/filters/bots.ts'
import { fitsInto, windowStart } from '../../../../jobs/rollup/filters/window.ts'
import { findOutdated } from '../../../../jobs/rollup/seen/forget.ts'

const minutes = (count: number) => count * 60_000

describe('a window', () => {
  test.each([
    ['2026-03-29 00:00', 30, '2026-03-29 00:00:00'],
    ['2026-03-29 01:59', 30, '2026-03-29 01:30:00'],
    ['2026-03-29 23:59', 15, '2026-03-29 23:45:00'],
    ['2026-03-29 23:59', 1440, '2026-03-29 00:00:00'],
    ['2026-03-29 23:59', 480, '2026-03-29 16:00:00'],
  ])('that %s lies in, of %i minutes, begins at %s', (minute, length, start) => {
    expect(windowStart(minute, minutes(length))).toBe(start)
  })

  test.each([
    [15, '15min', true],
    [30, '15min', false],
    [5, '15min', true],
    [4, '15min', false],
    [30, 'hour', true],
    [60, 'hour', true],
    [120, 'hour', false],
    [45, 'hour', false],
    [1440, 'day', true],
    [480, 'day', true],
    [2880, 'month', false],
    [0.5, 'hour', false],
  ] as const)('of %d minutes in buckets of one %s: fits is %s', (length, size, fits) => {
    expect(fitsInto(minutes(length), size)).toBe(fits)
  })
})

describe('what is old', () => {
  test.each([
    ['repeat', '2026-03-01 00:00:00'],
    ['hour', '2026-03-01 05:00:00'],
    ['day', '2026-03-01 00:00:00'],
    ['month', '2026-03-01 00:00:00'],
  ] as const)('of %s begins before %s', (kind, startsBefore) => {
    const outdated = findOutdated(kind, '2026-02-28T23:59:30.000Z', 'Asia/Kathmandu')
    expect(outdated).toMatchObject({ startsBefore, madeBefore: '2026-02-28 23:59:30.000' })
  })
})

describe('a verdict on an agent', () => {
  const judge = createJudge({ bots: { column: 'agent', also: ['Uptime-Check', '+probe('] } })

  test.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
      'people',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1',
      'people',
    ],
    ['Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)', 'bots'],
    [
      'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)',
      'bots',
    ],
    ['curl/8.5.0', 'bots'],
    ['python-requests/2.32.3', 'bots'],
    ['Acme UPTIME-CHECK 3', 'bots'],
    ['Acme +Probe( 3', 'bots'],
    [' ', 'people'],
    [null, 'people'],
  ])('%s: %s', (agent, series) => {
    expect(judge?.(agent)).toBe(series)
    expect(judge?.(agent)).toBe(series)
  })

  test('is not asked for without a filter', () => {
    expect(createJudge({})).toBeUndefined()
  })
})
