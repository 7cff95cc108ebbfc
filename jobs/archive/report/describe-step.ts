import { unreachable } from '../../../src/lib/errors.ts'
import { formatBytes, formatDuration, plural } from '../../../src/lib/units.ts'
import type { PartitionChange, SplitChange, SplitReason } from '../partitions/changes.ts'
import type { ArchivePlan, ExchangeStep, MoveStep, Step } from '../plan-model.ts'

/** What of the configuration decides how a step is told. */
export interface StepWords {
  /** Milliseconds. */
  readonly hold: number
  /** The name of the other database that rows are carried to. */
  readonly destination: string | undefined
}

/** What a run does, as a person reads it: one line for each step, one for all months that are moved alike. */
export function describeSteps(
  { steps, children }: Pick<ArchivePlan, 'steps' | 'children'>,
  words: StepWords,
): readonly string[] {
  const withThem = children.length === 0 ? '' : `, with what belongs to them in ${listOf(children)}`
  return groupAlike(steps).flatMap((group) => {
    const [first] = group
    if (isMoves(group)) return [describeMoves(group, words) + withThem]
    if (isExchanges(group) && group.length > 1) return [describeExchanges(group)]
    return first === undefined || first.type === 'moveMonth' ? [] : [describeStep(first, words)]
  })
}

/** Neighbours of one kind together, where one line can speak of all. */
function groupAlike(steps: readonly Step[]): readonly (readonly Step[])[] {
  const groups: Step[][] = []
  for (const step of steps) {
    const group = groups.at(-1)
    const kind = kindOf(step)
    if (group?.[0] !== undefined && kind !== undefined && kindOf(group[0]) === kind) group.push(step)
    else groups.push([step])
  }
  return groups
}

function kindOf(step: Step): 'moves' | 'exchanges' | undefined {
  if (step.type === 'moveMonth') return 'moves'
  return step.type === 'exchangeMonth' && step.rows > 0 ? 'exchanges' : undefined
}

function isMoves(group: readonly Step[]): group is readonly MoveStep[] {
  return group.every((step) => step.type === 'moveMonth')
}

function isExchanges(group: readonly Step[]): group is readonly ExchangeStep[] {
  return group.every((step) => step.type === 'exchangeMonth')
}

function describeMoves(moves: readonly MoveStep[], { destination }: StepWords): string {
  const rows = sumRows(moves)
  return destination === undefined
    ? `move ${rows} in batches: rows are copied, compared and deleted in one transaction`
    : `carry ${rows} to ${destination} in batches: copied and compared there, then deleted here`
}

function describeExchanges(exchanges: readonly ExchangeStep[]): string {
  return `exchange the whole partitions of ${plural(exchanges.length, 'month')}, about ${sumRows(exchanges)}; no row is copied`
}

/** `1,240 rows of 2025-08 to 2025-09`. */
function sumRows(steps: readonly (MoveStep | ExchangeStep)[]): string {
  const rows = steps.reduce((sum, step) => sum + step.rows, 0)
  return `${plural(rows, 'row')} of ${describeRange(steps.map(({ month }) => month))}`
}

function listOf(children: ArchivePlan['children']): string {
  return children.map(({ table }) => table).join(', ')
}

function describeStep(step: Exclude<Step, MoveStep>, { hold }: StepWords): string {
  switch (step.type) {
    case 'createArchive':
      return `make the table ${step.table.schema}.${step.table.table}, with a partition for each month`
    case 'changePartitions':
      return `${step.table.table}: ${step.changes.map(describeChange).join('; ')}`
    case 'settleJournal':
      return `finish ${plural(step.batches, 'batch', 'batches')} that an earlier run left between two servers`
    case 'exchangeMonth':
      return describeExchange(step)
    case 'rotateMonth':
      return `${step.month}: take the month (about ${plural(step.rows, 'row')}, ${formatBytes(step.bytes)}) out of the archive table${describeExport(step.exportFile)}, and ${describeHold(hold)}`
    case 'dropHeld':
      return `${step.month}: drop the held table ${step.heldTable} (${plural(step.rows, 'row')}) for good`
    default:
      return unreachable(step)
  }
}

/** Without rows it is one that an earlier run left: emptied, and kept by rows that came late. */
function describeExchange({ month, partition, rows }: ExchangeStep): string {
  return rows === 0
    ? `${month}: finish with the partition ${partition}, which is dropped if it is empty`
    : `${month}: exchange the whole partition ${partition} (about ${plural(rows, 'row')}); no row is copied`
}

function describeExport(file: string | undefined): string {
  return file === undefined ? '' : `, once ${file} is written and read back`
}

function describeHold(milliseconds: number): string {
  return milliseconds === 0 ? 'drop it' : `hold it for ${formatDuration(milliseconds)} before it is dropped`
}

function describeChange(change: PartitionChange): string {
  switch (change.type) {
    case 'add':
      return `add ${plural(change.months.length, 'partition')} for ${describeRange(change.months)}`
    case 'split':
      return `cut ${describeRange(change.months)} out of the partition ${change.partition}, which ${splitReasons[change.reason]} (copies ${describeRows(change)})`
    default:
      return unreachable(change)
  }
}

const splitReasons: Readonly<Record<SplitReason, string>> = {
  'before the first': 'takes everything before its month',
  'in the middle': 'took over a month that was dropped',
  'several months in one': 'holds several months',
  'behind MAXVALUE': 'takes everything after the last month',
}

function describeRows({ estimatedRows, bytes }: SplitChange): string {
  return `about ${plural(estimatedRows, 'row')}, ${formatBytes(bytes)}`
}

/** `2005-06`, or `2005-06 to 2006-01`; in between there may be months without rows. */
export function describeRange(months: readonly string[]): string {
  const [first = '', ...rest] = months
  const last = rest.at(-1)
  return last === undefined ? first : `${first} to ${last}`
}
