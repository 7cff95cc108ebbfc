import { describe, expect, it } from 'vitest'
import { chooseStyle, paint, sanitizeText } from '../../src/output/style.ts'

const terminal = { isTTY: true, columns: 100 }

describe('whether to colour', () => {
  it.each([
    ['a terminal', terminal, {}, 'auto', true],
    ['a pipe', {}, {}, 'auto', false],
    ['NO_COLOR', terminal, { NO_COLOR: '1' }, 'auto', false],
    ['an empty NO_COLOR, which counts as none', terminal, { NO_COLOR: '' }, 'auto', true],
    ['CI', terminal, { CI: 'true' }, 'auto', false],
    ['TERM=dumb', terminal, { TERM: 'dumb' }, 'auto', false],
    ['--color always in a pipe', {}, { NO_COLOR: '1' }, 'always', true],
    ['--color never', terminal, {}, 'never', false],
  ] as const)('%s', (_, stream, environment, color, expected) => {
    expect(chooseStyle(stream, environment, color).color).toBe(expected)
  })

  it('paints only when asked', () => {
    expect(paint('x', 'bad', { color: false, width: 80 })).toBe('x')
    expect(paint('x', 'good', { color: true, width: 80 })).toBe('\u001b[32mx\u001b[39m')
  })
})

describe('how wide', () => {
  it('is what the terminal has, and unlimited in a log', () => {
    expect(chooseStyle(terminal, {}, 'auto').width).toBe(100)
    expect(chooseStyle({}, {}, 'auto').width).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('foreign text', () => {
  it.each([
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\u001b[31mred', '\\x1b[31mred'],
    ['\u009b31m', '\\x9b31m'],
    ['\u0000\u007f', '\\x00\\x7f'],
    ['user\u202etxt.exe', 'user\\u202etxt.exe'],
    ['\u2066a\u2069\u200f\u061c', '\\u2066a\\u2069\\u200f\\u061c'],
    ['a\u2028b\ufeff', 'a\\u2028b\\ufeff'],
    ['half \ud83d', 'half \\ud83d'],
  ])('shows %j as %s', (text, expected) => {
    expect(sanitizeText(text)).toBe(expected)
  })

  it('leaves letters of every script and emoji as they are', () => {
    const text = 'C:\\new – 결제완료, עברית, 👩‍💻 €'
    expect(sanitizeText(text)).toBe(text)
  })
})
