import type { Family } from '../../../src/db/server.ts'
import { id } from '../../../src/db/statement.ts'
import { type TableItem, withItems } from '../../../src/db/table-text.ts'
import type { Rename } from './alter-model.ts'
import { isWord, significant } from './clause-tokens.ts'
import { createUnread, readSoundTable } from './sound-table.ts'

export interface ConstraintNaming {
  /** Of the server: names of checks are unique in the schema on MySQL, in the table on MariaDB. */
  readonly family: Family
  readonly rename: (name: string) => string
}

export interface RenamedConstraints {
  readonly create: string
  readonly renames: readonly Rename[]
}

/**
 * Gives other names to the constraints whose names must be unique in the schema, so that a second table may have them:
 * foreign keys, and on MySQL checks. From the text of SHOW CREATE TABLE.
 *
 * @throws RowkeeperError `migrate.createUnread`, see `readSoundTable`
 */
export function renameConstraints(
  createTable: string,
  { family, rename }: ConstraintNaming,
): RenamedConstraints {
  const table = readSoundTable(createTable)
  const renamed = table.items.map((item) => {
    const isShared = item.kind === 'foreign' || (item.kind === 'check' && family === 'mysql')
    return isShared ? renameItem(item, rename) : { item, renames: [] }
  })
  return {
    create: withItems(
      table,
      renamed.map(({ item }) => item),
    ),
    renames: renamed.flatMap(({ renames }) => renames),
  }
}

interface RenamedItem {
  readonly item: TableItem
  readonly renames: readonly Rename[]
}

function renameItem(item: TableItem, rename: (name: string) => string): RenamedItem {
  const [constraint, name, kind] = significant(item.tokens)
  const isWhole = isWord(kind, 'FOREIGN') || isWord(kind, 'CHECK')
  if (!isWord(constraint, 'CONSTRAINT') || name?.kind !== 'name' || !isWhole) throw createUnread()
  const to = rename(item.name)
  if (to === item.name) return { item, renames: [] }
  const text = id(to).chunks.join('')
  const tokens = item.tokens.map((token) => (token === name ? { ...token, text } : token))
  return { item: { ...item, name: to, tokens }, renames: [{ from: item.name, to }] }
}
