import type { Index, TableDefinition } from '../../../src/db/catalog.ts'
import { readTableText, type TableItem, textOf } from '../../../src/db/table-text.ts'
import { isSameName } from '../route.ts'

/** What is built after the copy, when all rows are there: in half the time of keeping it up row by row. */
export interface DeferredIndexes {
  readonly names: readonly string[]
  /** `ADD UNIQUE KEY …`, as the server writes it. */
  readonly clauses: readonly string[]
}

const deferrable: readonly TableItem['kind'][] = ['unique', 'key', 'special']

/**
 * All but those the table cannot be without: what finds a row again, what an AUTO_INCREMENT column or a foreign key needs.
 * `createTable`: as the server writes it, of the wanted definition.
 */
export function deferIndexes(
  target: TableDefinition,
  createTable: string,
  keyIndex: string,
): DeferredIndexes {
  const text = readTableText(createTable)
  const needed = text.items.filter(({ kind }) => kind === 'foreign').flatMap(readForeignColumn)
  const autoIncrement = target.columns.filter(({ isAutoIncrement }) => isAutoIncrement)
  const leading = [...needed, ...autoIncrement.map(({ name }) => name)]
  const items = text.items.filter(({ kind, name }) => {
    if (!deferrable.includes(kind) || isSameName(name, keyIndex)) return false
    const index = target.indexes.find((candidate) => isSameName(candidate.name, name))
    return index !== undefined && !leadsWith(index, leading)
  })
  return { names: items.map(({ name }) => name), clauses: items.map(({ tokens }) => `ADD ${textOf(tokens)}`) }
}

function leadsWith({ parts }: Index, columns: readonly string[]): boolean {
  const first = parts[0]?.column
  return first !== undefined && columns.some((column) => isSameName(column, first))
}

/** The first column of the constraint: behind FOREIGN KEY, in parentheses. */
function readForeignColumn({ tokens }: TableItem): readonly string[] {
  const start = tokens.findIndex(({ text }) => text.toUpperCase() === 'FOREIGN')
  const column = tokens.slice(start).find(({ kind, depth }) => kind === 'name' && depth === 2)
  return column === undefined ? [] : [column.text.slice(1, -1).replaceAll('``', '`')]
}
