import { expect, it } from 'vitest'
import { type FamilyRows, familyName } from '../../../../jobs/archive/carry/families.ts'
import { decide } from '../../../../jobs/archive/carry/settle-decision.ts'
import type { MovedTable } from '../../../../jobs/archive/move/moved-table.ts'
import type { Row } from '../../../../src/db/connection.ts'
import { emptyDigest } from '../../../../src/engine/chunks/digest.ts'
import { column } from '../partitions/sample.ts'

const key = [column('int', { name: 'id' })]

function table(name: string): MovedTable {
  const archived = { schema: 'cold', table: `${name}_archive` }
  return {
    name: { schema: 'shop', table: name },
    key,
    keyIndex: 'PRIMARY',
    copied: key,
    archive: { name: archived, age: column('datetime'), ageIndex: undefined },
    link: undefined,
  }
}

interface Member {
  readonly family: number
  readonly id: number
  readonly checksum: number
  readonly isEligible?: number
}

function rowsOf(name: string, members: readonly Member[]): FamilyRows {
  const rows = members.map(
    ({ id, checksum, isEligible = 1 }): Row => ({
      column_0: id,
      row_checksum: checksum,
      is_eligible: isEligible,
    }),
  )
  const families = members.map(({ family }) => familyName([family]))
  return { of: table(name), read: key, rows, digest: emptyDigest, families }
}

const order = (id: number, checksum = 7, isEligible = 1): Member => ({ family: id, id, checksum, isEligible })
const item = (family: number, id: number, checksum = 8): Member => ({ family, id, checksum })
const names = (...ids: readonly number[]) => new Set(ids.map((id) => familyName([id])))

it('deletes what is equal and due, and takes back what changed or is not due', () => {
  const source = [rowsOf('orders', [order(1), order(2, 9), order(3, 7, 0)])]
  const archive = [rowsOf('orders', [order(1), order(2), order(3)])]
  expect(decide(source, archive)).toEqual({ equal: names(1), stale: names(2, 3) })
})

it('leaves alone what is on one server only', () => {
  const source = [rowsOf('orders', [order(1)])]
  const archive = [rowsOf('orders', [order(2)])]
  expect(decide(source, archive)).toEqual({ equal: names(), stale: names() })
})

it('judges a row together with its children, in whatever order they come', () => {
  const orders = rowsOf('orders', [order(1), order(2), order(3), order(4)])
  const source = [
    orders,
    rowsOf('items', [item(1, 11), item(1, 12), item(2, 21), item(3, 31), item(4, 41, 9)]),
  ]
  const archive = [orders, rowsOf('items', [item(1, 12), item(1, 11), item(3, 31), item(3, 32), item(4, 41)])]
  expect(decide(source, archive)).toEqual({ equal: names(1), stale: names(2, 3, 4) })
})
