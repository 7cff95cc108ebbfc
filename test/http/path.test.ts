import { describe, expect, it } from 'vitest'
import { renderPath } from '../../src/http/path.ts'

describe('renderPath', () => {
  it.each([
    ['/payments/{id}', { id: 'pay_1' }, '/payments/pay_1'],
    ['/payments/order-{id}/cancel', { id: '7' }, '/payments/order-7/cancel'],
    ['/payments/{id}', { id: 'a/b?c#d e%' }, '/payments/a%2Fb%3Fc%23d%20e%25'],
    ['/payments/{id}', { id: '주문' }, '/payments/%EC%A3%BC%EB%AC%B8'],
    ['/payments/{id}', { id: '%2e%2e' }, '/payments/%252e%252e'],
  ])('renders %s with %j', (template, values, path) => {
    expect(renderPath(template, values)).toEqual({ kind: 'rendered', path })
  })

  it.each(['', '.', '..', 'a\nb', '\0', '\ud800'])('refuses the value %j', (id) => {
    expect(renderPath('/payments/{id}', { id })).toEqual({
      kind: 'refused',
      reason: expect.stringMatching(/^id /),
    })
  })

  it('throws for a name without a value', () => {
    const attempt = () => renderPath('/payments/{ref}', { id: '1' })
    expect(attempt).toThrow(expect.objectContaining({ code: 'config.unknownPlaceholder', exitCode: 78 }))
  })

  it.each([
    'payments/{id}',
    '//host/{id}',
    '/payments?id={id}',
    '/a/../{id}',
    '/a/%2E%2e/{id}',
    '/a b',
    '/{id',
    '/{a b}',
  ])('throws for the template %s', (template) => {
    expect(() => renderPath(template, { id: '1' })).toThrow(
      expect.objectContaining({ code: 'config.badPath' }),
    )
  })
})
