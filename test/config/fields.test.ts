import { describe, expect, test } from 'vitest'
import {
  cronExpression,
  duration,
  identifier,
  jsonPointer,
  period,
  positiveNumber,
  predicate,
  schedule,
  timeZone,
} from '../../src/config/fields.ts'
import { toLuxonZone } from '../../src/config/time-zone.ts'

const messageOf = (result: { error?: { issues: { message: string }[] } }) => result.error?.issues[0]?.message

test('a default is stated in text and read like a written value', () => {
  expect(duration.prefault('90s').parse(undefined)).toBe(90_000)
})

describe('an identifier', () => {
  test.each([
    'payments',
    'a`b',
    ' lead',
    'select',
    'Größe',
    '表',
    'x as y',
    '*',
    'a;b',
    '--',
    'a'.repeat(64),
  ])('%j is accepted: quoting makes it safe', (name) => expect(identifier.parse(name)).toBe(name))

  test.each([
    ['', 'must not be empty'],
    ['a\0b', 'must not contain NUL'],
    ['trail ', 'must not end with a space'],
    ['a'.repeat(65), 'at most 64 characters, this one has 65'],
    ['\ud800', 'not valid Unicode'],
    ['smile 😀', 'no characters beyond U+FFFF'],
    ['shop.payments', 'is two names'],
  ])('%j is refused', (name, message) => {
    expect(messageOf(identifier.safeParse(name))).toContain(message)
  })
})

describe('a predicate', () => {
  test.each([
    '',
    "status IN ('DONE', 'it''s')",
    'a = \'(\' AND b = "\\")"',
    'shipped_at IS NOT NULL',
    '`odd(`  > 1',
  ])('%j is accepted', (text) => expect(predicate.parse(text)).toBe(text))

  test.each([
    ['a = 1; DROP TABLE t', 'must not contain ;'],
    ['a = 1 -- b', 'must not contain --'],
    ['a = 1 # b', 'must not contain #'],
    ['a /* b */ = 1', 'must not contain /*'],
    ['a = 1\0', 'must not contain NUL'],
    ["a = 'b", "the quote ' in the predicate is never closed"],
    ['a = 1) OR (1 = 1', 'parentheses of the predicate do not match'],
    ['(a = 1', 'parentheses of the predicate do not match'],
  ])('%j is refused', (text, message) => {
    expect(messageOf(predicate.safeParse(text))).toContain(message)
  })
})

describe('a time zone', () => {
  test.each(['UTC', 'Asia/Seoul', 'America/New_York', '+05:45', '-03:30', '+14:00'])(
    '%s is accepted',
    (zone) => expect(timeZone.parse(zone)).toBe(zone),
  )
  test.each(['', 'Seoul', 'Asia/Soul', '+5:45', '+15:00', '+05:60', 'SYSTEM'])('%j is refused', (zone) =>
    expect(timeZone.safeParse(zone).success).toBe(false),
  )
  test('luxon gets an offset in its own form', () => {
    expect(toLuxonZone('+05:45')).toBe('UTC+05:45')
    expect(toLuxonZone('Asia/Seoul')).toBe('Asia/Seoul')
  })
})

describe('a cron expression', () => {
  test.each([
    '* * * * *',
    '*/10 * * * *',
    '0 3 1-7/2 jan,MAR mon-fri',
    '30 0 0 29 2 *',
    '0 0 31 2 mon',
    '5/15 * * * 7',
  ])('%s is accepted', (text) => expect(cronExpression.parse(text)).toBe(text))
  test.each([
    '',
    '* * * *',
    '* * * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '*/0 * * * *',
    '5-1 * * * *',
    '0 0 30 2 *',
    '0 0 31 4,6 *',
    '@daily',
    'a b c d e',
  ])('%j is refused', (text) => expect(cronExpression.safeParse(text).success).toBe(false))
  test('stands alone or with its zone', () => {
    expect(schedule.parse('0 3 * * *')).toEqual({ cron: '0 3 * * *', timeZone: 'UTC' })
    expect(schedule.parse({ cron: '0 3 * * *', timeZone: 'Asia/Seoul' }).timeZone).toBe('Asia/Seoul')
  })
})

describe('a period', () => {
  test.each([
    ['13 months', { count: 13, unit: 'months' }],
    ['90d', { count: 90, unit: 'days' }],
  ] as const)('%j is read', (text, value) => expect(period.parse(text)).toEqual(value))

  test.each([
    ['13', 'periods carry a unit: write 13 months'],
    [13, 'periods carry a unit: write 13 months'],
    ['0 months', 'write 1 day or more'],
    ['36 hours', 'counted in days, weeks, months or years'],
    ['13m', 'counted in days, weeks, months or years'],
    ['1.5 years', 'expected a period such as'],
    ['-1 month', 'expected a period such as'],
    ['', 'expected a period such as'],
  ])('%j is refused', (text, message) => {
    expect(messageOf(period.safeParse(text))).toContain(message)
  })
})

test.each(['', '/id', '/data/0/a~1b', '/m~0n'])('%j is a JSON pointer', (pointer) =>
  expect(jsonPointer.parse(pointer)).toBe(pointer),
)
test.each(['id', '/a~2', '$.id'])('%j is no JSON pointer', (pointer) =>
  expect(jsonPointer.safeParse(pointer).success).toBe(false),
)

test('a rate may come as text, and is above 0', () => {
  expect(positiveNumber.parse('0.5')).toBe(0.5)
  expect(positiveNumber.safeParse(0).success).toBe(false)
})
