import type { ScheduledJob } from '../run/schedule/tick.ts'
import type { Desk } from './desk.ts'

/** The jobs that have a schedule, in the order of the configuration; only the one named, when one is. */
export function scheduledJobs(desk: Desk, job?: string): readonly ScheduledJob[] {
  return Object.values(desk.loaded.config.jobs).flatMap(({ name, schedule }) =>
    schedule === undefined || (job !== undefined && job !== name) ? [] : [{ name, schedule }],
  )
}
