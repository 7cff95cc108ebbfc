import { describe, expect, it } from 'vitest'
import { heldTableName } from '../../../../jobs/archive/exchange/held-table.ts'
import { findStage, type Observed, type Stage } from '../../../../jobs/archive/exchange/stage.ts'
import type { MonthState } from '../../../../jobs/archive/ledger/ledger-month.ts'

/** State of the ledger with its rows and whether it names a held table; then held, archive and live table. */
type Case = readonly [
  MonthState | 'unknown',
  number,
  Observed['held'],
  Observed['archive'],
  Observed['source'],
  Stage,
]

const cases: readonly Case[] = [
  // Before anything.
  ['unknown', 0, 'missing', 'empty', 'filled', 'begin'],
  ['open', 0, 'missing', 'empty', 'filled', 'begin'],
  ['dropped', 0, 'missing', 'empty', 'filled', 'begin'],
  ['unknown', 0, 'filled', 'empty', 'filled', 'inTheWay'],
  ['open', 0, 'empty', 'empty', 'filled', 'inTheWay'],
  ['unknown', 0, 'missing', 'empty', 'empty', 'done'],
  ['unknown', 0, 'missing', 'empty', 'missing', 'done'],
  // A partition that holds rows would be swapped out.
  ['unknown', 0, 'missing', 'filled', 'filled', 'inBatches'],
  ['open', 5, 'missing', 'filled', 'filled', 'inBatches'],
  // Begun, nothing proven yet.
  ['exchanging', 0, 'missing', 'empty', 'filled', 'makeHeld'],
  ['exchanging', 0, 'partitioned', 'empty', 'filled', 'makeHeld'],
  ['exchanging', 0, 'empty', 'empty', 'filled', 'takeOut'],
  ['exchanging', 0, 'filled', 'empty', 'empty', 'prove'],
  ['exchanging', 0, 'filled', 'empty', 'filled', 'prove'],
  ['exchanging', 0, 'filled', 'filled', 'empty', 'drain'],
  ['exchanging', 0, 'empty', 'filled', 'filled', 'abandon'],
  ['exchanging', 0, 'missing', 'filled', 'filled', 'abandon'],
  // Proven.
  ['exchanging', 5, 'filled', 'empty', 'empty', 'putIn'],
  ['exchanging', 5, 'filled', 'empty', 'filled', 'putIn'],
  ['exchanging', 5, 'filled', 'filled', 'empty', 'drain'],
  ['exchanging', 5, 'empty', 'filled', 'empty', 'close'],
  ['exchanging', 5, 'missing', 'filled', 'empty', 'close'],
  ['exchanging', 5, 'missing', 'empty', 'empty', 'lost'],
  ['exchanging', 5, 'empty', 'empty', 'filled', 'lost'],
  // Closed.
  ['open', 5, 'missing', 'filled', 'empty', 'dropSource'],
  ['open', 5, 'missing', 'filled', 'missing', 'done'],
  // Rows of unknown origin.
  ['unproven', 0, 'filled', 'filled', 'empty', 'drain'],
  ['unproven', 0, 'empty', 'filled', 'empty', 'letGo'],
  ['unproven', 0, 'missing', 'filled', 'filled', 'letGo'],
  // Taken out of the archive table.
  ['held', 5, 'missing', 'empty', 'filled', 'inBatches'],
  ['rotating', 5, 'missing', 'filled', 'empty', 'done'],
]

describe('the next stage of an exchange', () => {
  it.each(cases)(
    '%s with %i rows, held table %s, archive %s, live %s: %s',
    (state, rows, held, archive, source, stage) => {
      const digest = { rows: BigInt(rows), xor: 0n, sum: 0n }
      const heldTable = state === 'exchanging' || state === 'unproven' ? 'rk_hold_orders_200506' : undefined
      const ledger = state === 'unknown' ? undefined : { state, digest, heldTable }
      expect(findStage({ ledger, held, archive, source })).toBe(stage)
    },
  )

  it('of an unproven month that was not begun is batches', () => {
    const ledger = {
      state: 'unproven',
      digest: { rows: 5n, xor: 0n, sum: 0n },
      heldTable: undefined,
    } as const
    expect(findStage({ ledger, held: 'missing', archive: 'filled', source: 'filled' })).toBe('inBatches')
  })
})

describe('the name of a held table', () => {
  const nameOf = (table: string) => heldTableName({ schema: 'shop', table }, '2005-06').table

  it('says of what and when', () => {
    expect(nameOf('orders')).toBe('rk_hold_orders_200506')
  })

  it('has at most 64 characters, and different ones for different tables', () => {
    const longest = 'é'.repeat(63)
    expect([...nameOf(`${longest}a`)]).toHaveLength(64)
    expect(nameOf(`${longest}a`)).toMatch(/^rk_hold_é{40}_[0-9a-f]{8}_200506$/)
    expect(nameOf(`${longest}a`)).not.toBe(nameOf(`${longest}b`))
    expect(nameOf('t'.repeat(49))).toBe(`rk_hold_${'t'.repeat(49)}_200506`)
    expect(nameOf('t'.repeat(50))).toMatch(/_[0-9a-f]{8}_200506$/)
  })
})
