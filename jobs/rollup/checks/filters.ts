import { formatDuration } from '../../../src/lib/units.ts'
import type { Finding } from '../../../src/run/events.ts'
import { fitsInto } from '../filters/window.ts'
import type { CounterTable } from '../tables.ts'
import { correct } from '../tables.ts'
import { type Look, refusal, warning } from './look.ts'

/** What would make counters depend on the order in which events are met. */
export const checkFilters: Look = async ({ settings, tables: { counters } }) => {
  const { repeats } = settings.options.filters
  if (repeats === undefined) return []
  return [
    ...refuseWindow(repeats.window, counters, settings.job),
    ...warnOfOtherColumns(counters, repeats.viewer),
  ]
}

function refuseWindow(window: number, { sizes: [smallest] }: CounterTable, job: string): readonly Finding[] {
  if (fitsInto(window, smallest)) return []
  return [
    refusal(
      'repeatWindow',
      `Windows of ${formatDuration(window)} do not divide a bucket of one ${smallest}, so in one that reaches into two buckets the view would be counted in either, whichever event is met first.`,
      `Name a number of minutes that divides ${smallest}, or count larger buckets: ${correct(job, 'filters.repeats.window')}`,
    ),
  ]
}

/** How many events count is the same in every order; which of a viewer's events it is, is not. */
function warnOfOtherColumns({ measures }: CounterTable, viewer: string): readonly Finding[] {
  const others = measures
    .filter((measure) => measure.type !== 'count' && measure.column.toLowerCase() !== viewer.toLowerCase())
    .map(({ name }) => name)
  if (others.length === 0) return []
  return [
    warning(
      'repeatValues',
      `${others.join(', ')} would be read from one event of each viewer and window alone, whichever is met first: repeats are in no measure.`,
    ),
  ]
}
