import { type AlterText, readAlter } from '../../../../jobs/migrate/definition/alter-text.ts'
import type { Column, Index, TableDefinition } from '../../../../src/db/catalog.ts'

/** A nullable column as the catalogue has it; text is utf8mb4. */
export function column(name: string, columnType: string, more: Partial<Column> = {}): Column {
  const dataType = /^[a-z]+/.exec(columnType)?.[0] ?? ''
  const isText = /char|text|enum|set/.test(dataType)
  return {
    name,
    dataType,
    columnType,
    isNullable: true,
    isInvisible: false,
    isGenerated: false,
    generation: 'none',
    isAutoIncrement: false,
    hasDefault: false,
    defaultText: undefined,
    onUpdateNow: false,
    maximumLength: undefined,
    characterSet: isText ? 'utf8mb4' : undefined,
    collation: isText ? 'utf8mb4_general_ci' : undefined,
    ...more,
  }
}

export function index(name: string, columns: readonly string[], more: Partial<Index> = {}): Index {
  const parts = columns.map((part) => ({ column: part, prefixLength: undefined, isDescending: false }))
  return { name, isUnique: name === 'PRIMARY', kind: 'btree', columns, parts, ...more }
}

export function table(columns: readonly Column[], indexes: readonly Index[] = []): TableDefinition {
  return {
    name: { schema: 'shop', table: 'film' },
    engine: 'InnoDB',
    options: { rowFormat: 'Dynamic', collation: 'utf8mb4_general_ci', createOptions: '' },
    columns,
    indexes,
    estimatedRows: 0,
    autoIncrement: undefined,
    hash: '',
  }
}

export function alterOf(text: string): AlterText {
  const result = readAlter(text, { schema: 'shop', table: 'film' })
  if ('problem' in result) throw new Error(`${result.code}: ${result.problem}`)
  return result
}
