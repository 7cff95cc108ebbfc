import { describe, expect, test } from 'vitest'
import { isGranted, parseGrant } from '../../src/db/account-grants.ts'

const orders = { schema: 'shop', table: 'orders' }

function allows(privilege: string, lines: readonly string[], name = orders): boolean {
  const grants = lines.map(parseGrant).filter((grant) => grant !== undefined)
  return isGranted(grants, privilege, name)
}

describe('a right', () => {
  test.each([
    ['on everything', 'GRANT ALL PRIVILEGES ON *.* TO `u`@`%` WITH GRANT OPTION'],
    ['on the schema', 'GRANT SELECT, ALTER ON `shop`.* TO `u`@`127.0.0.1`'],
    ['on the table', "GRANT ALTER ON `shop`.`orders` TO `u`@`%` IDENTIFIED BY PASSWORD '*B69'"],
    ['on the table, written in another case', 'GRANT ALTER ON `Shop`.`Orders` TO `u`@`%`'],
    [
      'beside rights on columns',
      'GRANT SELECT (`id`), UPDATE (`a`, `b`), ALTER ON `shop`.`orders` TO `u`@`%`',
    ],
    ['on a pattern', 'GRANT ALTER ON `sh%`.* TO `u`@`%`'],
    ['of a role', 'GRANT ALTER ON `shop`.* TO `maintainer`'],
    ['of everybody', 'GRANT ALTER ON `shop`.* TO PUBLIC'],
  ])('%s counts', (_where, line) => {
    expect(allows('ALTER', [line])).toBe(true)
  })

  test.each([
    ['on another schema', 'GRANT ALTER ON `shop2`.* TO `u`@`%`'],
    ['on a pattern that is escaped', 'GRANT ALTER ON `sh\\_p`.* TO `u`@`%`'],
    ['on another table', 'GRANT ALTER ON `shop`.`payments` TO `u`@`%`'],
    ['on columns only', 'GRANT ALTER (`id`) ON `shop`.`orders` TO `u`@`%`'],
    ['of another kind', 'GRANT ALTER ROUTINE, SELECT ON `shop`.* TO `u`@`%`'],
    ['to use a role', 'GRANT `ALTER`@`%` TO `u`@`%`'],
    ['on a procedure', 'GRANT ALTER ROUTINE ON PROCEDURE `shop`.`orders` TO `u`@`%`'],
  ])('%s does not', (_where, line) => {
    expect(allows('ALTER', [line])).toBe(false)
  })

  test('on everything that was revoked for the schema does not count, one on the schema does', () => {
    const everything = 'GRANT SELECT, DROP ON *.* TO `u`@`%`'
    const revoked = 'REVOKE DROP ON `shop`.* FROM `u`@`%`'
    expect(allows('DROP', [everything, revoked])).toBe(false)
    expect(allows('SELECT', [everything, revoked])).toBe(true)
    expect(allows('DROP', [everything, revoked], { schema: 'other', table: 'orders' })).toBe(true)
  })

  test('names with quotes, dots and wildcards are read as they are', () => {
    const odd = { schema: 'a`b.c_d', table: 'x`y' }
    expect(allows('DROP', ['GRANT DROP ON `a``b.c\\_d`.`x``y` TO `u`@`%`'], odd)).toBe(true)
    expect(
      allows('DROP', ['GRANT DROP ON `a``b.c\\_d`.`x``y` TO `u`@`%`'], { ...odd, schema: 'a`b.cxd' }),
    ).toBe(false)
  })
})
