import type { Index, TableDefinition } from '../../../src/db/catalog.ts'
import type { Family } from '../../../src/db/server.ts'
import type { Statement, TableName } from '../../../src/db/statement.ts'
import { readTableText, type TableText } from '../../../src/db/table-text.ts'
import type { Age } from './age.ts'
import { ageColumn } from './age-column.ts'
import { archiveItem } from './archive-item.ts'
import { archiveOptions, keepsHistory } from './archive-options.ts'
import type { Month } from './months.ts'
import { cutIntoMonths, type NewPartition, namePartitions } from './new-partitions.ts'
import { type Layout, schemeFor } from './scheme.ts'
import { createTable } from './sql.ts'
import { refuseTooMany } from './too-many.ts'

export interface ArchiveTableNeeds {
  readonly source: TableDefinition
  /** SHOW CREATE TABLE of the source. */
  readonly createText: string
  /** Its column may be missing in the source, as a child's: then the archive table gets it besides. */
  readonly age: Age
  /** What tells the rows of the source apart. */
  readonly key: Index
  /** Those that rows will go to and those kept ready; at least one. */
  readonly months: readonly Month[]
  readonly zone: string
  readonly target: TableName
  /** Of the server that gets the table. */
  readonly family: Family
}

export interface ArchiveTablePlan {
  readonly statements: readonly Statement[]
  /** Of the source's definition: `AUTO_INCREMENT of id`, `foreign key orders_ibfk_1`. */
  readonly leftOut: readonly string[]
  /** `PRIMARY KEY with created_at`, `email as a plain index`. */
  readonly changed: readonly string[]
}

/**
 * One CREATE TABLE from the source's own text, so that there is no half-made table to recognise: either it is there with
 * all its months, or it is not. (CREATE TABLE … LIKE and an ALTER would be two, and could not reach another server.) What
 * the other family does not know is refused by the server at this statement.
 *
 * There is no partition before the first month: the age is NOT NULL here, and rows of earlier months get a partition of
 * their own before they come. A standing one would make the oldest month span two after each rotation.
 *
 * `problem` ends the sentence "orders_archive cannot be made: …".
 */
export function planArchiveTable(needs: ArchiveTableNeeds): ArchiveTablePlan | { readonly problem: string } {
  const { source, age, target, zone, family } = needs
  const text = readTableText(needs.createText)
  const problem = findProblem(source, text)
  if (problem !== undefined) return { problem }
  const layout: Layout = { scheme: schemeFor(age, family), age, zone }
  const items = text.items.map((item) =>
    archiveItem(item, { source, age, key: needs.key, isPartitioned: text.isPartitioned }),
  )
  const kept = items.flatMap((item) => item.text ?? [])
  const definition = {
    items: hasAge(source, age) ? kept : [ageColumn(age, []).text, ...kept],
    options: archiveOptions(text.options),
  }
  return {
    statements: [createTable(target, definition, { layout, partitions: layMonths(needs.months, layout) })],
    leftOut: items.flatMap(({ leftOut }) => leftOut ?? []),
    changed: items.flatMap(({ changed }) => changed ?? []),
  }
}

function hasAge({ columns }: TableDefinition, { column }: Age): boolean {
  return columns.some(({ name }) => name.toLowerCase() === column.name.toLowerCase())
}

function layMonths(months: readonly Month[], layout: Layout): readonly NewPartition[] {
  const [first, ...rest] = months.toSorted()
  if (first === undefined) throw new TypeError('an archive table begins with a month')
  const pieces = cutIntoMonths({ first, last: rest.at(-1) ?? first }, months)
  refuseTooMany(pieces.length)
  return namePartitions(pieces, [], layout)
}

const spatialTypes = new Set([
  'geometry',
  'point',
  'linestring',
  'polygon',
  'multipoint',
  'multilinestring',
  'multipolygon',
  'geometrycollection',
  'geomcollection',
])

function findProblem({ columns }: TableDefinition, { items, options }: TableText): string | undefined {
  const spatial = columns.filter(({ dataType }) => spatialTypes.has(dataType)).map(({ name }) => name)
  if (spatial.length > 0) {
    return `${spatial.join(', ')}: neither server partitions a table with spatial columns (error 1178)`
  }
  if (items.some(({ kind }) => kind === 'period')) {
    return 'its rows carry application-time periods (PERIOD FOR), which a partitioned copy cannot keep apart'
  }
  return keepsHistory(options)
    ? 'it keeps old versions of its rows (WITH SYSTEM VERSIONING), so deleting them would free nothing'
    : undefined
}
