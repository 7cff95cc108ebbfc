import { DateTime } from 'luxon'
import { toLuxonZone } from '../../config/time-zone.ts'
import { formatDuration } from '../../lib/units.ts'
import type { Report } from '../report.ts'
import { nextSlots } from './slots.ts'
import type { ScheduledJob } from './tick.ts'

export interface NextResult {
  readonly schemaVersion: 1
  readonly jobs: readonly {
    readonly job: string
    readonly cron: string
    readonly timeZone: string
    /** ISO text with the zone's offset, soonest first; empty for a date that never comes. */
    readonly next: readonly string[]
  }[]
}

/** The next `count` due times of each job, as the job's zone shows them. */
export function listNext(
  jobs: readonly ScheduledJob[],
  now: Date,
  count: number,
): { readonly result: NextResult; readonly report: Report } {
  const upcoming = jobs.map(({ name, schedule }) => ({
    job: name,
    ...schedule,
    slots: nextSlots(schedule, now, count).map((slot) =>
      DateTime.fromJSDate(slot, { zone: toLuxonZone(schedule.timeZone) }),
    ),
  }))
  const rows = upcoming.flatMap(({ job, timeZone, cron, slots }) =>
    slots.length === 0
      ? [[job, `${cron} never comes`, timeZone, '']]
      : slots.map((slot) => [
          job,
          slot.toFormat('ccc yyyy-MM-dd HH:mm:ss'),
          timeZone,
          formatDuration(slot.toMillis() - now.getTime()),
        ]),
  )
  return {
    result: {
      schemaVersion: 1,
      jobs: upcoming.map(({ job, cron, timeZone, slots }) => ({
        job,
        cron,
        timeZone,
        next: slots.map((slot) => slot.toISO({ suppressMilliseconds: true }) ?? ''),
      })),
    },
    report: {
      headline: jobs.length === 0 ? 'No job has a schedule.' : 'What the schedule runs next.',
      sections: [
        {
          type: 'table',
          title: 'Next',
          columns: [
            { name: 'job', align: 'left' },
            { name: 'at', align: 'left' },
            { name: 'zone', align: 'left' },
            { name: 'in', align: 'right' },
          ],
          rows,
          empty: 'Give a job a schedule in the configuration.',
        },
      ],
    },
  }
}
