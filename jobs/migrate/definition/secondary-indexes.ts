import { type TableItem, type TableText, textOf, unquote, withItems } from '../../../src/db/table-text.ts'
import { isWord } from './clause-tokens.ts'
import { readSoundTable } from './sound-table.ts'

export interface LeanTable {
  /** The CREATE TABLE without what is listed below. */
  readonly create: string
  /** `ADD UNIQUE KEY …`, in the order of the table. */
  readonly indexClauses: readonly string[]
  /** `ADD CONSTRAINT … FOREIGN KEY …`; none where they were kept. */
  readonly foreignKeyClauses: readonly string[]
}

export interface LeanOptions {
  /** Names of indexes that stay, without case: a unique one that stands in for a primary key. */
  readonly keep: readonly string[]
  /** kept: to each the server adds an index of its own, until one that serves it is there. */
  readonly foreignKeys: 'kept' | 'out'
}

/**
 * Rows are copied faster into a table without secondary indexes, which are built in one go afterwards. From the text of SHOW
 * CREATE TABLE. An index that the AUTO_INCREMENT column needs stays (error 1075).
 *
 * @throws RowkeeperError `migrate.createUnread`, see `readSoundTable`
 */
export function withoutSecondaryIndexes(createTable: string, { keep, foreignKeys }: LeanOptions): LeanTable {
  const table = readSoundTable(createTable)
  const stay = new Set(keep.map((name) => name.toLowerCase()))
  const numbering = findNumberingIndex(table, stay)
  const isIndexOut = (item: TableItem) =>
    isSecondary(item) && item !== numbering && !stay.has(item.name.toLowerCase())
  const isOut = (item: TableItem) => isIndexOut(item) || (item.kind === 'foreign' && foreignKeys === 'out')
  return {
    create: withItems(
      table,
      table.items.filter((item) => !isOut(item)),
    ),
    indexClauses: table.items.filter(isIndexOut).map(toAdd),
    foreignKeyClauses: table.items.filter((item) => item.kind === 'foreign' && isOut(item)).map(toAdd),
  }
}

function isSecondary({ kind }: TableItem): boolean {
  return kind === 'unique' || kind === 'key' || kind === 'special'
}

function toAdd({ tokens }: TableItem): string {
  return `ADD ${textOf(tokens)}`
}

/** The first index that the AUTO_INCREMENT column leads, when neither the primary key nor one that stays begins with it. */
function findNumberingIndex({ items }: TableText, stay: ReadonlySet<string>): TableItem | undefined {
  const column = items.find((item) => item.kind === 'column' && hasWord(item, 'AUTO_INCREMENT'))?.name
  if (column === undefined) return undefined
  const led = items.filter((item) => firstPart(item) === column)
  const isThere = led.some(({ kind, name }) => kind === 'primary' || stay.has(name.toLowerCase()))
  return isThere ? undefined : led.find(isSecondary)
}

function hasWord({ tokens }: TableItem, word: string): boolean {
  return tokens.some((token) => token.depth === 1 && isWord(token, word))
}

/** Of an index: the column that stands first in its parentheses. */
function firstPart({ kind, tokens }: TableItem): string | undefined {
  if (kind !== 'primary' && kind !== 'unique' && kind !== 'key') return undefined
  const open = tokens.findIndex((token) => isWord(token, '('))
  const part = tokens[open + 1]
  return part?.kind === 'name' ? unquote(part.text) : undefined
}
