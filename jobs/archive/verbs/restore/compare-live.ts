import type { Row } from '../../../../src/db/connection.ts'
import type { Transaction } from '../../../../src/db/session.ts'
import { describeKey } from '../../move/key-text.ts'
import { cellsOf, slices } from '../../move/locked-rows.ts'
import { type ArchivedRows, liveCells, liveKeys } from './archived-rows.ts'
import { type Hold, selectLive } from './sql.ts'

/** What the live table has under the keys of archived rows. */
export interface LiveRows {
  /** Positions of the rows whose equal is there. */
  readonly equal: ReadonlySet<number>
  /** Keys in words, under which it has something else. */
  readonly other: readonly string[]
  /** Keys in words that several of the archived rows have. */
  readonly twice: readonly string[]
}

export async function compareLive(
  live: Pick<Transaction, 'rows'>,
  rows: ArchivedRows,
  hold: Hold,
): Promise<LiveRows> {
  const names = liveCells(rows).map((cells) => describeKey(rows.of.key, cells))
  const positions = new Map(names.map((name, index) => [name, index]))
  const equal = new Set<number>()
  const other: string[] = []
  for (const keys of slices(liveKeys(rows))) {
    for (const [name, row] of nameRows(await live.rows(selectLive(rows.of, keys, hold)), rows)) {
      const index = positions.get(name)
      if (index !== undefined && isEqual(rows.rows[index], row)) equal.add(index)
      else other.push(name)
    }
  }
  return { equal, other, twice: names.filter((name, index) => positions.get(name) !== index) }
}

function nameRows(found: readonly Row[], { of: { key } }: ArchivedRows): readonly (readonly [string, Row])[] {
  const cells = cellsOf({ read: key, rows: found }, key)
  return found.map((row, index) => [describeKey(key, cells[index] ?? []), row])
}

function isEqual(archived: Row | undefined, live: Row): boolean {
  return String(archived?.row_checksum) === String(live.row_checksum)
}
