import { type TableItem, textOf } from '../../../src/db/table-text.ts'
import { isWord, type Tokens } from './clause-tokens.ts'
import { readSoundTable } from './sound-table.ts'

/**
 * A text that two tables of one server share when they have one definition, from SHOW CREATE TABLE: without the name, without
 * the next number, keys and constraints in one order. It says more than the catalogue's columns and indexes do: comments,
 * expressions, checks, foreign keys, partitions.
 *
 * @throws RowkeeperError `migrate.createUnread`, see `readSoundTable`
 */
export function comparableCreate(createTable: string): string {
  const { items, tail } = readSoundTable(createTable)
  const columns = items.filter(({ kind }) => kind === 'column').map(textOfItem)
  const others = items.filter(({ kind }) => kind !== 'column').map(textOfItem)
  // Without a primary key, the first of several unique ones orders the rows.
  const hasPrimary = items.some(({ kind }) => kind === 'primary')
  return [...columns, ...(hasPrimary ? others.toSorted() : others), textOf(withoutNextNumber(tail))].join(
    '\n',
  )
}

function textOfItem({ tokens }: TableItem): string {
  return textOf(tokens)
}

/** ` AUTO_INCREMENT=777`. */
function withoutNextNumber(tail: Tokens): Tokens {
  const at = tail.findIndex((token) => isWord(token, 'AUTO_INCREMENT') && token.depth === 0)
  return at === -1 ? tail : [...tail.slice(0, at - 1), ...tail.slice(at + 3)]
}
