import type { Column, TableDefinition } from '../../../src/db/catalog.ts'
import { isExactKey } from '../../../src/engine/chunks/keyset.ts'
import { formatCount, plural } from '../../../src/lib/units.ts'
import type { Finding } from '../../../src/run/events.ts'
import { quoteName } from '../partitions/age-column.ts'
import { countWithoutAge } from '../sql.ts'
import type { ChildTables, Tables } from '../tables.ts'
import { type Look, refusal } from './look.ts'

/** A live table: of the job itself, or a child's. */
interface Live {
  readonly table: TableDefinition
  readonly key: readonly Column[]
}

export function listLive({ source, children }: Tables): readonly Live[] {
  return [source, ...listChildren(children)]
}

export function listChildren(children: readonly ChildTables[]): readonly ChildTables[] {
  return children.flatMap((child) => [child, ...listChildren(child.children)])
}

export const checkEngine: Look = async ({ tables }) =>
  listLive(tables).flatMap(({ table }) => refuseEngine(table))

/** Only InnoDB commits rows of two tables together or not at all. */
export function refuseEngine({ name, engine }: TableDefinition): readonly Finding[] {
  if (engine === 'InnoDB') return []
  return [
    refusal(
      'engine',
      `${name.schema}.${name.table} is kept by ${engine}. Only InnoDB copies and deletes rows in one transaction.`,
      `ALTER TABLE ${quoteName(name.table)} ENGINE=InnoDB`,
    ),
  ]
}

/** A float has more digits than are printed, an ENUM is compared by its number: neither finds its row again. */
export const checkKeys: Look = async ({ tables }) => {
  const { source, children } = tables
  const keys = [
    ...source.key.map((column) => ({ table: source.table, column })),
    ...listChildren(children).flatMap(({ table, key, columns }) =>
      [...new Set([...key, ...columns])].map((column) => ({ table, column })),
    ),
  ]
  const odd = keys.filter(({ column }) => !isExactKey(column))
  return odd.map(({ table: { name }, column }) =>
    refusal(
      'keyType',
      `${name.table}.${column.name} is ${column.columnType}, and rows are told apart by it: read and sent back, such a value may find another row or none.`,
      `Give ${name.table} a primary key of whole numbers, dates, text or bytes.`,
    ),
  )
}

/** The rows of a child are found by its columns that hold the key of the row above. */
export const checkChildIndexes: Look = async ({ tables }) =>
  listChildren(tables.children).flatMap(({ table, columns }) => {
    const wanted = columns.map(({ name }) => name)
    if (table.indexes.some((index) => beginsWith(index, wanted))) return []
    const { table: name } = table.name
    return [
      refusal(
        'childIndexMissing',
        `No index of ${name} begins with ${wanted.join(', ')}, so every batch would read the whole table (about ${plural(table.estimatedRows, 'row')}) and lock it.`,
        `CREATE INDEX ${quoteName(`${name}_by_parent`)} ON ${quoteName(name)} (${wanted.map(quoteName).join(', ')})`,
      ),
    ]
  })

function beginsWith({ kind, parts }: TableDefinition['indexes'][number], wanted: readonly string[]): boolean {
  const lead = parts.slice(0, wanted.length)
  const isWhole = lead.every(({ prefixLength }) => prefixLength === undefined)
  return kind === 'btree' && isWhole && wanted.every((name) => lead.some(({ column }) => column === name))
}

const COUNT_BOUND = 1_000_000

/** Without an age a row belongs to no month. It stays; whoever does not want that has said so. */
export const checkNullAges: Look = async ({ context, settings, tables }) => {
  const { column } = tables.age
  const { name } = tables.source.table
  if (settings.options.nullAge === 'keep' || !column.isNullable) return []
  const [row] = await context.read((session) => session.rows(countWithoutAge(name, column, COUNT_BOUND)))
  const rows = Number(row?.row_count ?? 0)
  if (rows === 0) return []
  const many = rows === COUNT_BOUND ? `${formatCount(rows)} or more` : formatCount(rows)
  return [
    refusal(
      'nullAges',
      `${column.name} is NULL in ${many} rows of ${name.table}, and nullAge: refuse was asked for.`,
      `Fill them: UPDATE ${quoteName(name.table)} SET ${quoteName(column.name)} = … WHERE ${quoteName(column.name)} IS NULL. Or let them stay: nullAge: keep`,
    ),
  ]
}
