import type { Cell, Row } from '../../../../src/db/connection.ts'
import type { Transaction } from '../../../../src/db/session.ts'
import { literalLength, cellsOf as valuesOf } from '../../carry/values.ts'
import { cellsOf, slices } from '../../move/locked-rows.ts'
import { type ArchivedRows, archivedKeys, type Family, liveKeys } from './archived-rows.ts'
import { countsDisagree } from './errors.ts'
import { copyBack, insertBack, rewriteFromArchive, rewriteRow, selectArchivedValues } from './sql.ts'

/** How values get from the archive table into the live table. */
export interface Transfer {
  insert(live: Transaction, rows: ArchivedRows): Promise<void>
  /** Writes what the archive has over rows that were inserted. */
  rewrite(live: Transaction, rows: ArchivedRows): Promise<void>
}

/** On one server: inside it. */
export const transferHere: Transfer = {
  async insert(live, rows) {
    let inserted = 0
    for (const keys of slices(archivedKeys(rows)))
      inserted += (await live.change(copyBack(rows.of, keys))).affectedRows
    if (inserted !== rows.rows.length) throw countsDisagree(rows, { inserted })
  },
  async rewrite(live, rows) {
    for (const keys of slices(archivedKeys(rows))) await live.change(rewriteFromArchive(rows.of, keys))
  },
}

/** From another server: the values of the whole family are read there first. */
export async function readTransfer(
  there: Transaction,
  family: Family,
  { maxAllowedPacket }: { readonly maxAllowedPacket: number },
): Promise<Transfer> {
  const values = new Map<string, readonly Cell[]>()
  for (const rows of family) {
    for (const keys of slices(archivedKeys(rows))) {
      const found = await there.rows(selectArchivedValues(rows.of, keys))
      for (const row of found) values.set(nameIn(rows, row), valuesOf(row, rows.of.copied))
    }
  }
  const valuesFor = (rows: ArchivedRows) =>
    rows.rows.map((row) => {
      const found = values.get(nameIn(rows, row))
      if (found === undefined) throw new TypeError(`a locked row of ${rows.of.month.archive.table} is gone`)
      return found
    })
  return {
    async insert(live, rows) {
      let inserted = 0
      for (const pack of packRows(valuesFor(rows), maxAllowedPacket))
        inserted += (await live.change(insertBack(rows.of, pack))).affectedRows
      if (inserted !== rows.rows.length) throw countsDisagree(rows, { inserted })
    },
    async rewrite(live, rows) {
      const keys = liveKeys(rows)
      for (const [index, row] of valuesFor(rows).entries())
        await live.change(rewriteRow(rows.of, { keyOf: keys[index] ?? [], values: row }))
    },
  }
}

/** `walk` is read first by every statement about archived rows, so that one name fits the answers of all of them. */
function nameIn({ of: { name, month } }: ArchivedRows, row: Row): string {
  return JSON.stringify([name.table, ...cellsOf({ read: month.walk, rows: [row] }, month.walk)])
}

/** A statement of a megabyte is parsed as fast per row as a larger one. */
const STATEMENT_BYTES = 1024 * 1024

/** So many rows as one INSERT takes; a single row in any case, which the server then refuses with its own words. */
function packRows(
  rows: readonly (readonly Cell[])[],
  packetBytes: number,
): readonly (readonly (readonly Cell[])[])[] {
  const limit = Math.min(STATEMENT_BYTES, packetBytes / 2)
  const packs: (readonly Cell[])[][] = []
  let room = 0
  for (const row of rows) {
    const bytes = row.reduce<number>((sum, cell) => sum + literalLength(cell), 0)
    const isFull = bytes > room
    room = (isFull ? limit : room) - bytes
    if (isFull) packs.push([row])
    else packs.at(-1)?.push(row)
  }
  return packs
}
