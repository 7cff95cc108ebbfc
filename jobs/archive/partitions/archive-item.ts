import type { Index, TableDefinition } from '../../../src/db/catalog.ts'
import { type TableItem, type Token, textOf } from '../../../src/db/table-text.ts'
import { unreachable } from '../../../src/lib/errors.ts'
import type { Age } from './age.ts'
import { ageColumn, quoteName } from './age-column.ts'

/** A column, key or constraint as the archive table has it. */
export interface ArchiveItem {
  /** Undefined when it is left out. */
  readonly text?: string
  readonly leftOut?: string
  readonly changed?: string
}

export interface ItemNeeds {
  readonly source: TableDefinition
  readonly age: Age
  /** What tells rows apart. */
  readonly key: Index
  readonly isPartitioned: boolean
}

/**
 * Foreign keys cannot be on a partitioned table (1506), FULLTEXT and VECTOR indexes neither. CHECK constraints speak of
 * rows that are written: one the application got past them must not stay behind for it (and MySQL wants their names to
 * be unique in the schema). CHECKs inside a column stay: that is how MariaDB says JSON.
 */
export function archiveItem(item: TableItem, needs: ItemNeeds): ArchiveItem {
  switch (item.kind) {
    case 'column':
      return archiveColumn(item, needs)
    case 'primary':
    case 'unique':
      return archiveUnique(item, needs)
    case 'key':
    case 'period':
      return { text: textOf(item.tokens) }
    case 'special':
      return { leftOut: `${firstWord(item)} index ${item.name}` }
    case 'foreign':
      return { leftOut: `foreign key ${item.name}` }
    case 'check':
      return { leftOut: `check ${item.name}` }
    default:
      return unreachable(item.kind)
  }
}

function firstWord({ tokens }: TableItem): string {
  return tokens[0]?.text ?? ''
}

/**
 * AUTO_INCREMENT goes: the archive table invents no rows. Where the source is partitioned it stays, for MySQL exchanges
 * partitions only between tables that agree on it (1736; MariaDB does not look, and neither looks at CHECKs, defaults and
 * ON UPDATE).
 */
function archiveColumn(item: TableItem, { source, age, isPartitioned }: ItemNeeds): ArchiveItem {
  const column = source.columns.find(({ name }) => name === item.name)
  if (item.name.toLowerCase() === age.column.name.toLowerCase()) return ageColumn(age, item.tokens)
  if (column?.isAutoIncrement !== true || isPartitioned) return { text: textOf(item.tokens) }
  return {
    text: textOf(withoutWord(item.tokens, 'AUTO_INCREMENT')),
    leftOut: `AUTO_INCREMENT of ${item.name}`,
  }
}

/**
 * A partitioned table's unique keys must hold the age (1503). The key of the rows is extended by it. Others become plain
 * indexes: a value may come again years later, when the row that had it is long in the archive, and a rule there could
 * do no more than keep the second one from joining it.
 */
function archiveUnique(item: TableItem, { source, age, key }: ItemNeeds): ArchiveItem {
  const name = item.kind === 'primary' ? 'PRIMARY' : item.name
  const index = source.indexes.find((candidate) => candidate.name === name)
  const ageName = age.column.name
  if (index?.parts.some(({ column, prefixLength }) => column === ageName && prefixLength === undefined)) {
    return { text: textOf(item.tokens) }
  }
  if (name === key.name) {
    return { text: textOf(withLastPart(item.tokens, ageName)), changed: `${name} extended by ${ageName}` }
  }
  if (index?.kind === 'hash') return { leftOut: `unique index ${name} over long values` }
  return { text: textOf(withoutWord(item.tokens, 'UNIQUE')), changed: `${name} a plain index` }
}

/** The space behind it goes too. */
function withoutWord(tokens: readonly Token[], word: string): readonly Token[] {
  const at = tokens.findIndex(({ kind, text, depth }) => kind === 'word' && text === word && depth === 1)
  return at === -1 ? tokens : tokens.filter((_, index) => index !== at && index !== at + 1)
}

function withLastPart(tokens: readonly Token[], column: string): readonly Token[] {
  const close = tokens.findIndex(({ text, depth }) => text === ')' && depth === 1)
  const part: Token = { kind: 'name', text: `,${quoteName(column)}`, depth: 2 }
  return [...tokens.slice(0, close), part, ...tokens.slice(close)]
}
