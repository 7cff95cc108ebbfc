import { describe, expect, it } from 'vitest'
import { asRowkeeperError, exitCodes, RowkeeperError, unreachable } from '../../src/lib/errors.ts'

describe('an error of ours', () => {
  it('did nothing and is not worth a retry unless it says so', () => {
    const error = new RowkeeperError({ code: 'test.some', message: 'Some.', exitCode: exitCodes.failed })
    expect(error).toMatchObject({ name: 'RowkeeperError', effect: 'none', retryable: false, hint: undefined })
  })

  it('passes through as it is', () => {
    const error = new RowkeeperError({ code: 'test.some', message: 'Some.', exitCode: exitCodes.failed })
    expect(asRowkeeperError(error)).toBe(error)
  })
})

describe('a foreign error', () => {
  it.each([new TypeError('x is not a function'), 'thrown text', undefined, null, 7])(
    '(%s) is a bug',
    (thrown) => {
      const error = asRowkeeperError(thrown)
      expect(error).toMatchObject({ code: 'bug.unexpected', exitCode: 70, effect: 'unknown', cause: thrown })
    },
  )
})

describe('a value no rule covers', () => {
  it('is a bug that names the value', () => {
    expect(() => unreachable({ do: 'dance' } as never)).toThrow(
      expect.objectContaining({
        code: 'bug.unreachable',
        message: expect.stringContaining('{"do":"dance"}'),
      }),
    )
  })
})
