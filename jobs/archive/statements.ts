import type { Column } from '../../src/db/catalog.ts'
import { describeStatement, type Statement } from '../../src/db/statement.ts'
import { insertRows, lockNextRows as lockToCarry } from './carry/sql.ts'
import { monthRange } from './cutoff.ts'
import { heldTableName } from './exchange/held-table.ts'
import { exchangePartition } from './exchange/sql.ts'
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
import { listPairs } from './partitions/pairs.ts'
import { interpret } from './partitions/partition-map.ts'
import { changePartitions } from './partitions/sql.ts'
import type { ExchangeStep, Step } from './plan-model.ts'
import type { PlanScene } from './scene.ts'

/**
 * The statements of a run as a DBA would want to read them before: definitions in full, one batch and one exchange with
 * `?` for values.
 */
export function describeStatements(scene: PlanScene, steps: readonly Step[]): readonly string[] {
  const move = steps.find((step) => step.type === 'moveMonth')
  const exchange = steps.find((step) => step.type === 'exchangeMonth')
  return [
    ...steps.flatMap((step) => describeDefinition(scene, step)),
    ...(move === undefined ? [] : describeBatch(scene, move.month)),
    ...(exchange === undefined ? [] : describeExchange(scene, exchange)),
  ]
}

/** In full and as it is sent. */
function describeDefinition({ tables }: PlanScene, step: Step): readonly string[] {
  if (step.type === 'createArchive') return step.statements
  if (step.type !== 'changePartitions') return []
  const pair = listPairs(tables).find(({ target }) => target.name.table === step.table.table)
  const layout = pair?.target.partitions && interpret(pair.target.partitions, pair.age, tables.zone)
  if (layout === undefined || 'problem' in layout) return []
  return step.changes.map((change) => changePartitions(step.table, change, layout).chunks.join(''))
}

/** A batch of one row: longer lists of keys are the same statements. */
function describeBatch({ tables, settings }: PlanScene, month: Month): readonly string[] {
  const { where, batch } = settings.options
  const eligible: Eligible = { range: monthRange(month, tables), where }
  const age = tables.age.column
  const isHere = tables.target.place === 'here'
  const lock = isHere ? lockNextRows : lockToCarry
  const moved = listMovedTables(tables)
  const statements = [
    lock(tables.source, tables.source.walk.columns, { ...eligible, last: undefined, rows: batch.rows }),
    ...moved.map((table) => (isHere ? copyStatement(table, age) : insertStatement(table))),
    ...moved.toReversed().map((table) => deleteStatement(table, age, eligible)),
  ]
  return statements.map(describeStatement)
}

function copyStatement(table: MovedTable, age: Column): Statement {
  return table.link === undefined ? copyRows(table, keyOf(table)) : copyChildren(table, age, keyOf(table))
}

function insertStatement(table: MovedTable): Statement {
  const { copied, link } = table
  return insertRows(table, [[...copied, ...(link === undefined ? [] : [table.archive.age])].map(() => '')])
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

/** Out of the live table, and into the archive table. */
function describeExchange({ tables }: PlanScene, { month, partition }: ExchangeStep): readonly string[] {
  const { name } = tables.source.table
  const held = heldTableName(name, month)
  const archive = tables.target.partitions && interpret(tables.target.partitions, tables.age, tables.zone)
  const there = archive === undefined || 'problem' in archive ? [] : archive.partitions
  const into = there.find((candidate) => candidate.month === month)
  return [
    exchangePartition({ table: name, partition }, held),
    ...(into === undefined
      ? []
      : [exchangePartition({ table: tables.target.name, partition: into.name }, held)]),
  ].map(describeStatement)
}
