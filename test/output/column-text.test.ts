import { describe, expect, it } from 'vitest'
import { breakText, columnsOf } from '../../src/output/column-text.ts'

describe('columns', () => {
  it.each([
    ['paid', 4],
    ['결제완료', 8],
    ['＝', 2],
    ['✅', 2],
    ['≤ 10 ms – …', 11],
  ])('of %s: %i', (text, columns) => {
    expect(columnsOf(text)).toBe(columns)
  })
})

describe('breaking a text', () => {
  it.each([
    ['fits', 10, ['fits']],
    ['a note that goes on', 11, ['a note that', 'goes on']],
    ['see order_0123456789_abcdef now', 10, ['see', 'order_0123', '456789_abc', 'def now']],
    ['결제완료결제완료', 6, ['결제완', '료결제', '완료']],
    ['👩👩👩', 4, ['👩', '👩', '👩']],
  ])('%s at %i', (text, width, lines) => {
    expect(breakText(text, width)).toEqual(lines)
  })
})
