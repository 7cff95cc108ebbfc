import { describe, expect, test } from 'vitest'
import { createRedactor } from '../../src/config/redact.ts'

const redact = createRedactor(['p@ss/word', 'p@ss', 'ab', 'a "quoted" one'])

describe('a redactor replaces', () => {
  test.each([
    ['a secret', 'it is p@ss.', 'it is ***.'],
    ['the longest secret first', 'it is p@ss/word.', 'it is ***.'],
    ['a percent-encoded secret', '/x?k=p%40ss%2Fword&y', '/x?k=***&y'],
    ['a secret inside JSON', '{"k":"a \\"quoted\\" one"}', '{"k":"***"}'],
    [
      'a password in a URL nobody told it about',
      'mysql://app:x9@db:3306/shop',
      'mysql://app:***@db:3306/shop',
    ],
    ['a password with @ in it', 'mysql://app:x@9@db/shop', 'mysql://app:***@db/shop'],
    ['an authorization header', 'Authorization: Digest a="b"\nHost: x', 'Authorization: ***\nHost: x'],
    ['an authorization header in JSON', '{"authorization":"x9"}', '{"authorization":"***"}'],
    ['a bearer token', 'sent Bearer abc123.def456', 'sent Bearer ***'],
    ['basic credentials', 'sent Basic dXNlcjpwYXNz', 'sent Basic ***'],
  ])('%s', (_, text, expected) => {
    expect(redact(text)).toBe(expected)
  })

  test.each([
    ['short secrets', 'cab and abc'],
    ['URLs without a password', 'http://127.0.0.1:4010/payments'],
    ['ordinary words', 'a basic explanation of bearer authentication'],
    ['times and ratios', 'at 12:30, 3:1'],
  ])('but not %s', (_, text) => {
    expect(redact(text)).toBe(text)
  })
})

test('deep redacts every text of a value and leaves the value alone', () => {
  const at = new Date(0)
  const value = { list: ['p@ss', 1, null], headers: { Authorization: 'zzzz' }, at, password: 'abcd' }
  expect(redact.deep(value)).toEqual({
    list: ['***', 1, null],
    headers: { Authorization: '***' },
    at,
    password: '***',
  })
  expect(value.list[0]).toBe('p@ss')
})

test('deep survives a value that contains itself', () => {
  const value: Record<string, unknown> = { text: 'p@ss' }
  value.self = value
  const copy = redact.deep(value)
  expect(copy.text).toBe('***')
  expect(copy.self).toBe(copy)
})

test('a megabyte of letters is no burden', () => {
  const text = 'a'.repeat(1024 * 1024)
  const begin = performance.now()
  expect(redact(text)).toBe(text)
  expect(performance.now() - begin).toBeLessThan(1000)
})
