import { unreachable } from '../../src/lib/errors.ts'
import { formatBytes, plural } from '../../src/lib/units.ts'
import type { PartitionChange } from './partitions/changes.ts'
import type { Step } from './plan-model.ts'

/** One line for each step, as a person reads the plan. */
export function describeStep(step: Step): string {
  switch (step.type) {
    case 'createArchive':
      return `make the table ${step.table.schema}.${step.table.table}`
    case 'changePartitions':
      return `${step.table.table}: ${step.changes.map(describeChange).join('; ')}`
    case 'settleJournal':
      return `finish ${plural(step.batches, 'batch', 'batches')} that an earlier run left between two servers`
    case 'moveMonth':
      return `${step.month}: move ${plural(step.rows, 'row')} in batches, each copied, compared and deleted in one transaction`
    case 'exchangeMonth':
      return `${step.month}: exchange the whole partition ${step.partition} (about ${plural(step.rows, 'row')}), no row is copied`
    case 'rotateMonth':
      return `${step.month}: take the month (${plural(step.rows, 'row')}, ${formatBytes(step.bytes)}) out of the archive table and hold it${describeExport(step.exportFile)}`
    case 'dropHeld':
      return `${step.month}: drop the held table ${step.heldTable} (${plural(step.rows, 'row')}) for good`
    default:
      return unreachable(step)
  }
}

function describeExport(file: string | undefined): string {
  return file === undefined ? '' : `, after writing ${file} and reading it back`
}

function describeChange(change: PartitionChange): string {
  switch (change.type) {
    case 'add':
      return `add ${plural(change.months.length, 'partition')} for ${rangeOf(change.months)}`
    case 'split':
      return `split ${change.partition} (${change.reason}; about ${plural(change.estimatedRows, 'row')}, ${formatBytes(change.bytes)} are copied) for ${rangeOf(change.months)}`
    default:
      return unreachable(change)
  }
}

function rangeOf(months: readonly string[]): string {
  const [first = '', ...rest] = months
  const last = rest.at(-1)
  return last === undefined ? first : `${first} to ${last}`
}
