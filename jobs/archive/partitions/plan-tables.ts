import { findPrimaryKey } from '../../../src/db/catalog.ts'
import { readCreateTable } from '../../../src/db/create-table.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { plural } from '../../../src/lib/units.ts'
import { lastMonth } from '../cutoff.ts'
import { planPlace } from '../place.ts'
import type { Step } from '../plan-model.ts'
import type { PlanScene } from '../scene.ts'
import { planPartitionChanges } from './changes.ts'
import { type ArchiveTablePlan, planArchiveTable } from './create.ts'
import { type Month, monthsFrom, nextMonth } from './months.ts'
import { type ArchivePair, listPairs } from './pairs.ts'
import { interpret, type MonthPartition } from './partition-map.ts'

export interface TablesPlan {
  readonly steps: readonly Step[]
  /** Sentences. */
  readonly notes: readonly string[]
}

/** Every archive table with room for the months that rows go to and for those to come: made, or changed. */
export async function planTables(scene: PlanScene, months: readonly Month[]): Promise<TablesPlan> {
  const plans: TablesPlan[] = []
  for (const pair of listPairs(scene.tables)) plans.push(await planTable(scene, pair, months))
  return {
    steps: plans.flatMap(({ steps }) => steps),
    notes: plans.flatMap(({ notes }) => notes),
  }
}

function planTable(
  scene: PlanScene,
  pair: ArchivePair,
  months: readonly Month[],
): Promise<TablesPlan> | TablesPlan {
  return pair.target.table === undefined
    ? planCreation(scene, pair, months)
    : planChanges(scene, pair, months)
}

async function planCreation(
  scene: PlanScene,
  pair: ArchivePair,
  months: readonly Month[],
): Promise<TablesPlan> {
  const { target } = pair
  const plan = await draftArchiveTable(scene, pair, months)
  if ('problem' in plan) throw cannotBeMade(target.name.table, plan.problem)
  // Nothing is bound in a definition, so this is the very text that is sent.
  const statements = plan.statements.map(({ chunks }) => chunks.join(''))
  return {
    steps: [{ type: 'createArchive', table: target.name, statements }],
    notes: describeCreation(pair, plan),
  }
}

/** The archive table as it would be made now. */
export async function draftArchiveTable(
  { context, tables, settings, cutoff }: Pick<PlanScene, 'context' | 'tables' | 'settings' | 'cutoff'>,
  { live, target, age }: ArchivePair,
  months: readonly Month[],
): Promise<ArchiveTablePlan | { readonly problem: string }> {
  const { zone } = tables
  const key = findPrimaryKey(live)
  if (key === undefined) return { problem: `${live.name.table} has no key` }
  const newest = lastMonth(cutoff, zone)
  return planArchiveTable({
    source: live,
    createText: await context.read((session) => readCreateTable(session, live.name)),
    age,
    key,
    months: [
      ...new Set([...months, ...monthsFrom(newest, monthsLater(newest, settings.options.into.monthsAhead))]),
    ],
    zone,
    target: target.name,
    family: planPlace(context).server.family,
  })
}

function monthsLater(month: Month, count: number): Month {
  return Array.from({ length: count }).reduce<Month>((later) => nextMonth(later), month)
}

function describeCreation(
  { live, target }: ArchivePair,
  { leftOut, changed }: ArchiveTablePlan,
): readonly string[] {
  const { table } = target.name
  const clocks = live.columns.filter(({ onUpdateNow }) => onUpdateNow).map(({ name }) => name)
  return [
    ...when(leftOut.length > 0, `${table} is made without: ${leftOut.join(', ')}.`),
    ...when(changed.length > 0, `${table} has ${changed.join(', ')}.`),
    ...when(
      clocks.length > 0,
      `${clocks.join(', ')} of ${table}: moving keeps the values, but whoever updates a row there by hand sets them to the present.`,
    ),
  ]
}

function planChanges(
  { tables, settings, cutoff }: PlanScene,
  pair: ArchivePair,
  months: readonly Month[],
): TablesPlan {
  const { target, age } = pair
  const { zone } = tables
  const { partitions: map } = target
  if (map === undefined) throw cannotBeMade(target.name.table, 'it is not partitioned')
  const through = monthsLater(lastMonth(cutoff, zone), settings.options.into.monthsAhead)
  const changes = planPartitionChanges({ map, months, through, age, zone })
  const split = new Set(changes.flatMap((change) => (change.type === 'split' ? [change.partition] : [])))
  const table = interpret(map, age, zone)
  const left = 'problem' in table ? [] : table.partitions.filter(({ name }) => !split.has(name))
  return {
    steps: changes.length === 0 ? [] : [{ type: 'changePartitions', table: target.name, changes }],
    notes: left.flatMap((partition) => describeOdd(target.name.table, partition)),
  }
}

/** What an operator of a monthly table does not expect, and what comes of it. */
function describeOdd(table: string, partition: MonthPartition): readonly string[] {
  const { name, covers, firstMonth, lastMonth, estimatedRows } = partition
  const rows = `about ${plural(estimatedRows, 'row')}`
  switch (covers) {
    case 'several months':
      return [
        `${table}: ${name} holds ${firstMonth} to ${lastMonth} (${rows}); it is cut when a row comes for one of these months.`,
      ]
    case 'part of a month':
      return [
        `${table}: ${name} holds only a part of ${lastMonth} (${rows}); that month cannot be taken out as one.`,
      ]
    case 'maxvalue':
      return estimatedRows === 0 ? [] : [`${table}: ${name} lies behind the last month and holds ${rows}.`]
    case 'before':
      return estimatedRows === 0
        ? []
        : [`${table}: ${name} lies before all time and holds ${rows}, such as zero dates; they stay.`]
    case 'month':
      return []
  }
}

function when(isSo: boolean, sentence: string): readonly string[] {
  return isSo ? [sentence] : []
}

function cannotBeMade(table: string, problem: string): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.cannotBeMade',
    message: `${table} cannot be made: ${problem}.`,
    hint: 'Make an archive table of your own and name it under into, then run: rowkeeper plan',
    exitCode: exitCodes.refused,
  })
}
