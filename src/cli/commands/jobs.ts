import { exitCodes } from '../../lib/errors.ts'
import { openDesk } from '../desk.ts'
import { printReport } from '../print.ts'
import { scheduledJobs } from '../scheduled-jobs.ts'
import type { Handler } from '../shell.ts'

export const listJobs: Handler = async (invocation) => {
  const desk = await openDesk(invocation)
  const { listNext } = await import('../../run/schedule/next.ts')
  const upcoming = listNext(scheduledJobs(desk), desk.surroundings.clock.now(), 1).result.jobs
  const jobs = Object.values(desk.loaded.config.jobs).map(({ name, kind, database, service, schedule }) => ({
    name,
    kind,
    database,
    service: service ?? null,
    cron: schedule?.cron ?? null,
    next: upcoming.find(({ job }) => job === name)?.next[0] ?? null,
  }))
  const report = {
    headline: jobs.length === 0 ? 'No job is configured.' : 'The configured jobs.',
    sections: [
      {
        type: 'table' as const,
        title: invocation.globals.config,
        columns: ['job', 'kind', 'database', 'service', 'schedule', 'next'].map((name) => ({
          name,
          align: 'left' as const,
        })),
        rows: jobs.map((job) => [
          job.name,
          job.kind,
          job.database,
          job.service ?? '',
          job.cron ?? 'none',
          job.next ?? '',
        ]),
        empty: 'Add one to the configuration.',
      },
    ],
  }
  await printReport(desk, invocation.globals, report, { schemaVersion: 1, jobs })
  return exitCodes.done
}
