import { plural } from '../lib/units.ts'
import type { Report } from '../run/report.ts'
import type { TickedJob, TickResult } from '../run/schedule/tick.ts'

/** One pass of the schedule, for people. */
export function tickReport({ jobs }: TickResult): Report {
  const ran = jobs.filter(({ result, error }) => result !== undefined || error !== undefined)
  return {
    headline:
      ran.length === 0
        ? 'Nothing was due.'
        : `${plural(ran.length, 'job')} ${ran.length === 1 ? 'was' : 'were'} due.`,
    sections: [
      {
        type: 'table',
        title: 'Jobs',
        columns: ['job', 'due', 'status', 'exit code', 'run'].map((name) => ({ name, align: 'left' })),
        rows: jobs.map((job) => [job.job, job.slot ?? '', ...describe(job)]),
        empty: 'No job has a schedule.',
      },
    ],
  }
}

function describe({ result, error }: TickedJob): [string, string, string] {
  if (error !== undefined) return [`failed: ${error.message}`, '', '']
  if (result === undefined) return ['not due', '', '']
  return [result.status, String(result.exitCode), result.runId]
}
