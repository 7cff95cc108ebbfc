import { describe, expect, it } from 'vitest'
import { isExactNumber, parseJson, readPointer } from '../../src/http/json.ts'

describe('readPointer', () => {
  // The document and the pointers of RFC 6901, section 5.
  const body = parseJson(
    '{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\\\j":5,"k\\"l":6," ":7,"m~n":8}',
  )

  it.each([
    ['/foo/0', 'bar'],
    ['/', '0'],
    ['/a~1b', '1'],
    ['/c%d', '2'],
    ['/e^f', '3'],
    ['/g|h', '4'],
    ['/i\\j', '5'],
    ['/k"l', '6'],
    ['/ ', '7'],
    ['/m~0n', '8'],
  ])('finds %s', (pointer, expected) => {
    const value = readPointer(body, pointer)
    expect(isExactNumber(value) ? value.value : value).toBe(expected)
  })

  it('is the whole body for an empty pointer', () => {
    expect(readPointer(body, '')).toBe(body)
  })

  it.each(['/foo/2', '/foo/00', '/foo/-', '/foo/length', '/toString', '/foo/0/0', '//x', 'foo', '/ /value'])(
    'finds nothing at %s',
    (pointer) => {
      expect(readPointer(body, pointer)).toBeUndefined()
    },
  )
})

describe('parseJson', () => {
  it('takes an object that looks like a number for an object', () => {
    expect(isExactNumber(parseJson('{"isLosslessNumber":true,"value":"1"}'))).toBe(false)
  })

  it('refuses a key given twice with different values', () => {
    expect(() => parseJson('{"amount":1,"amount":2}')).toThrow(SyntaxError)
  })

  it('does not let a remote change prototypes', () => {
    const body = parseJson('{"__proto__":{"polluted":true}}')
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype)
  })
})
