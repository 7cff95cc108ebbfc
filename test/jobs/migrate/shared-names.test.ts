import { describe, expect, it } from 'vitest'
import { readAlter } from '../../../jobs/migrate/definition/alter-text.ts'
import { otherName, renameInAlter } from '../../../jobs/migrate/definition/shared-names.ts'

const name = { schema: 'shop', table: 'items' }
const renames = [{ from: 'by_shop', to: 'by_shop_rk' }]

describe('names of constraints in the second table', () => {
  it('get a mark, and lose it the next time', () => {
    expect(otherName('by_shop')).toBe('by_shop_rk')
    expect(otherName('by_shop_rk')).toBe('by_shop')
    expect([...otherName('x'.repeat(64))]).toHaveLength(64)
  })

  const texts = [
    ['DROP FOREIGN KEY by_shop', 'DROP FOREIGN KEY `by_shop_rk`'],
    ['ADD COLUMN x INT, DROP FOREIGN KEY `by_shop`', 'ADD COLUMN x INT, DROP FOREIGN KEY `by_shop_rk`'],
    ['DROP CONSTRAINT BY_SHOP', 'DROP CONSTRAINT `by_shop_rk`'],
    ['DROP INDEX by_shop', 'DROP INDEX by_shop'],
  ] as const
  for (const [text, expected] of texts)
    it(`${text} becomes ${expected}`, () => {
      const alter = readAlter(text, name)
      expect('problem' in alter ? alter : renameInAlter(alter, renames)).toBe(expected)
    })
})
