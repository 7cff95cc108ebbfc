import {
  type Fragment,
  id,
  join,
  raw,
  type Statement,
  sql,
  statement,
  tableId,
} from '../../../src/db/statement.ts'
import { type KeyValue, keyIn } from '../../../src/engine/chunks/keyset.ts'
import { rows } from '../counters/sql.ts'
import type { SeenTable } from '../tables.ts'
import type { Mark } from './mark.ts'

export const seenKey = ['kind', 'starts', 'digest'] as const
export const seenColumns = [...seenKey, 'claim', 'made_at'] as const

export function createSeen({ name }: SeenTable): Statement {
  return statement(
    'rollup.create-seen',
    sql`CREATE TABLE IF NOT EXISTS ${tableId(name)} (
      kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      starts DATETIME NOT NULL,
      digest BINARY(16) NOT NULL,
      claim BINARY(8) NOT NULL,
      made_at DATETIME NOT NULL,
      PRIMARY KEY (${join(seenKey.map(id))})) ENGINE=InnoDB`,
  )
}

/** Sixteen hexadecimal digits that no other try of a transaction has. */
export type Claim = string

/** What is there keeps the claim of who made it. */
export function insertMarks({ name }: SeenTable, claim: Claim, marks: readonly Mark[]): Statement {
  const made = marks.map((mark) => [...markKey(mark), hex(claim), raw('UTC_TIMESTAMP()')])
  return statement(
    'rollup.insert-seen',
    sql`INSERT INTO ${tableId(name)} (${join(seenColumns.map(id))}) VALUES ${rows(made)}
      ON DUPLICATE KEY UPDATE ${id('claim')} = ${tableId(name)}.${id('claim')}`,
  )
}

/** Of these, what was not there before this transaction. */
export function selectClaimed({ name }: SeenTable, claim: Claim, marks: readonly Mark[]): Statement {
  return statement(
    'rollup.select-claimed',
    sql`SELECT HEX(digest) AS digest FROM ${tableId(name)}
      WHERE ${keyIn(seenKey, marks.map(markKey))} AND claim = ${hex(claim)}`,
  )
}

export interface Outdated {
  readonly kind: Mark['kind']
  /** Windows and buckets that begin before this are over. */
  readonly startsBefore: string
  /** DATETIME text in UTC. */
  readonly madeBefore: string
  readonly rows: number
}

export function deleteMarks(
  { name }: SeenTable,
  { kind, startsBefore, madeBefore, rows }: Outdated,
): Statement {
  return statement(
    'rollup.delete-seen',
    sql`DELETE FROM ${tableId(name)} WHERE kind = ${kind} AND starts < ${startsBefore} AND made_at < ${madeBefore}
      ORDER BY ${join(seenKey.map(id))} LIMIT ${rows}`,
  )
}

function markKey({ kind, starts, digest }: Mark): readonly KeyValue[] {
  return [kind, starts, hex(digest)]
}

/** Digits of our own making. */
function hex(digits: string): Fragment {
  return raw(`X'${digits}'`)
}
