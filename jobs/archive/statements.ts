import type { Column } from '../../src/db/catalog.ts'
import { describeStatement, type Statement } from '../../src/db/statement.ts'
import { monthRange } from './cutoff.ts'
import { listMovedTables, type MovedTable } from './move/moved-table.ts'
import {
  copyChildren,
  copyRows,
  deleteChildren,
  deleteRows,
  type Eligible,
  lockNextRows,
} from './move/sql.ts'
import type { Month } from './partitions/months.ts'
import type { MonthCount, Step } from './plan-model.ts'
import type { PlanScene } from './scene.ts'

/** The statements of a run as a DBA would want to read them before: definitions in full, one batch with `?`. */
export function describeStatements(
  scene: PlanScene,
  steps: readonly Step[],
  months: readonly MonthCount[],
): readonly string[] {
  const definitions = steps.flatMap((step) => (step.type === 'createArchive' ? step.statements : []))
  const first = months.find(({ how }) => how === 'batches')
  const isHere = scene.tables.target.place === 'here'
  return [...definitions, ...(first !== undefined && isHere ? describeBatch(scene, first.month) : [])]
}

/** A batch of one row: longer lists of keys are the same statements. */
function describeBatch({ tables, settings }: PlanScene, month: Month): readonly string[] {
  const { where, batch } = settings.options
  const range = monthRange(month, tables)
  const age = tables.age.column
  const lock = lockNextRows(tables.source, tables.source.walk.columns, {
    range,
    where,
    last: undefined,
    rows: batch.rows,
  })
  const moved = listMovedTables(tables)
  const statements = [
    lock,
    ...moved.map((table) => copyStatement(table, age)),
    ...moved.toReversed().map((table) => deleteStatement(table, age, { range, where })),
  ]
  return statements.map(describeStatement)
}

function copyStatement(table: MovedTable, age: Column): Statement {
  return table.link === undefined ? copyRows(table, keyOf(table)) : copyChildren(table, age, keyOf(table))
}

function deleteStatement(table: MovedTable, age: Column, eligible: Eligible): Statement {
  const keys = keyOf(table)
  return table.link === undefined
    ? deleteRows(table, age, { ...eligible, keys })
    : deleteChildren(table, keys)
}

function keyOf({ key }: MovedTable): readonly (readonly string[])[] {
  return [key.map(() => '')]
}
