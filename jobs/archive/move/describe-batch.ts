import { describeStatement, type Statement } from '../../../src/db/statement.ts'
import { monthRange } from '../cutoff.ts'
import type { Month } from '../partitions/months.ts'
import type { PlanScene } from '../scene.ts'
import { listMovedTables, type MovedTable } from './moved-table.ts'
import {
  copyChildren,
  copyRows,
  deleteChildren,
  deleteRows,
  digestBetween,
  digestOfKeys,
  type Key,
  lockChildren,
  lockNextRows,
} from './sql.ts'

/** The statements of one batch in their order, with `?` for values and one key for many. */
export function describeBatch({ tables, settings }: PlanScene): readonly string[] {
  const { source, age } = tables
  // Any will do: it is not shown.
  const month: Month = '2000-01'
  const eligible = { range: monthRange(month, tables), where: settings.options.where }
  const moved = listMovedTables(tables)
  const [live, ...children] = moved
  if (live === undefined) return []
  const keys = anyKeys(source.key.length)
  const statements = [
    lockNextRows(source, source.key, { ...eligible, last: undefined, rows: settings.options.batch.rows }),
    ...children.flatMap(lockAny),
    copyRows(live, keys),
    ...children.map((child) => copyChildren(child, age.column, anyKeys(child.key.length))),
    ...moved.map((table) => proveAny(table, eligible.range)),
    ...children.toReversed().map((child) => deleteChildren(child, anyKeys(child.key.length))),
    deleteRows(live, age.column, { ...eligible, keys }),
  ]
  return statements.map(describeStatement)
}

function anyKeys(columns: number): readonly Key[] {
  return [Array.from({ length: columns }, () => null)]
}

function lockAny(child: MovedTable): readonly Statement[] {
  const { key, link } = child
  if (link === undefined) return []
  return [lockChildren(child, link, { read: key, keys: anyKeys(link.columns.length), rows: 1 })]
}

function proveAny(table: MovedTable, range: ReturnType<typeof monthRange>): Statement {
  const { key, archive, link } = table
  return link === undefined && archive.ageIndex !== undefined
    ? digestBetween(table, archive.ageIndex, { first: null, last: null, rows: 1 })
    : digestOfKeys(table, { columns: key, keys: anyKeys(key.length), range })
}
