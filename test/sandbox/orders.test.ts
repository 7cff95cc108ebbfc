import { describe, expect, it } from 'vitest'
import { type FatedPile, findMisplaced, type Pile } from '../../src/sandbox/shop/orders.ts'

const archived: FatedPile = {
  table: 'orders',
  place: 'archive',
  month: '2025-02',
  rows: 10,
  checksum: 100n,
  fate: 'archived',
}
const open: FatedPile = { ...archived, place: 'live', rows: 2, checksum: 7n, fate: 'open' }
const young: FatedPile = { ...open, rows: 3, checksum: 8n, fate: 'young' }
const undated: FatedPile = { ...open, month: '', rows: 1, checksum: 9n, fate: 'undated' }
const mustBe = [archived, open, young, undated]

/** What stays for two reasons lies in one pile. */
const right: readonly Pile[] = [archived, { ...open, rows: 5, checksum: 15n }, undated]

const place = ({ table, place: where, month }: Pile) => ({ table, place: where, month })

describe('the check of the orders', () => {
  it('finds nothing when every row is where it must be', () => {
    expect(findMisplaced(mustBe, right)).toEqual([])
  })

  it('finds orders that were never moved', () => {
    expect(findMisplaced([archived], [{ ...archived, place: 'live' }])).toEqual([
      { ...place(archived), mustBe: 10, found: 0 },
      { ...place(archived), place: 'live', mustBe: 0, found: 10 },
    ])
  })

  it('finds orders that are in both tables, in another month, or changed', () => {
    const both = [...right, { ...archived, place: 'live' as const, month: '2025-03' }]
    expect(findMisplaced(mustBe, both)).toEqual([
      { table: 'orders', place: 'live', month: '2025-03', mustBe: 0, found: 10 },
    ])
    const [, ...others] = right
    expect(findMisplaced(mustBe, [{ ...archived, month: '2025-01' }, ...others])).toHaveLength(2)
    expect(findMisplaced(mustBe, [{ ...archived, checksum: 101n }, ...others])).toEqual([
      { ...place(archived), mustBe: 10, found: 10 },
    ])
  })

  it('tells items from orders', () => {
    const items = right.map((pile): Pile => ({ ...pile, table: 'order_items' }))
    expect(findMisplaced(mustBe, items)).toHaveLength(6)
  })
})
