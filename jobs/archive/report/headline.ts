import { formatPeriod, plural } from '../../../src/lib/units.ts'
import type { JobSettings } from '../../../src/run/job.ts'
import type { ArchiveConfig } from '../config.ts'
import type { ArchivePlan } from '../plan-model.ts'
import type { ArchiveResult } from '../result-model.ts'

export function planHeadline(
  settings: JobSettings<ArchiveConfig>,
  { months, steps }: Pick<ArchivePlan, 'months' | 'steps'>,
): string {
  const { job, options } = settings
  const { table, age } = options
  const leaving = steps.filter(({ type }) => type === 'rotateMonth' || type === 'dropHeld').length
  const sentences = [
    sumRows(months) > 0
      ? `${rowsOf(months)} of ${table} would move to ${archiveOf(settings)}`
      : `no row of ${table} is older than ${formatPeriod(age.olderThan)} and may move`,
    ...(leaving > 0 ? [`${plural(leaving, 'month')} would be taken out or dropped`] : []),
    ...(steps.length === 0 ? ['there is nothing to do'] : []),
  ]
  return `${job}: ${sentences.join('; ')}.`
}

export function runHeadline(
  settings: JobSettings<ArchiveConfig>,
  { counts, rotations }: ArchiveResult,
): string {
  const { job, options } = settings
  const { archived = 0, eligible = 0 } = counts
  const why = eligible > 0 ? '' : `: none is older than ${formatPeriod(options.age.olderThan)} and may move`
  const taken = rotations.filter(({ ending }) => ending !== 'notTaken').length
  const sentences = [
    archived > 0
      ? `${plural(archived, 'row')} of ${options.table} moved to ${archiveOf(settings)}, each one proven`
      : `no row of ${options.table} was moved${why}`,
    ...(taken > 0 ? [`${plural(taken, 'month was', 'months were')} taken out or dropped`] : []),
  ]
  return `${job}: ${sentences.join('; ')}.`
}

/** `orders_archive`, or `orders_archive of warehouse` where it is in another database. */
function archiveOf({ options, destination }: JobSettings<ArchiveConfig>): string {
  return options.into.table + (destination === undefined ? '' : ` of ${destination.name}`)
}

export function sumRows(months: readonly { readonly rows: number }[]): number {
  return months.reduce((sum, { rows }) => sum + rows, 0)
}

/** `about 1,200,000 rows` when one month was too large to be counted. */
export function rowsOf(months: ArchivePlan['months']): string {
  const rows = plural(sumRows(months), 'row')
  return months.every(({ counted }) => counted === 'exactly') ? rows : `about ${rows}`
}
