import { rollup } from '../../jobs/rollup/job.ts'
import { type ConfiguredJob, type JobKind, type JobSettings, openConfiguredJob } from './configured-job.ts'
import { test as databaseTest } from './database.ts'

/** The name of the job in the configuration. */
export const jobName = 'post-views'

/** Events of `events` are counted into `counts` by post, by the hour, day and month. */
export const rollupKind: JobKind = {
  job: rollup,
  name: jobName,
  defaults: {
    kind: 'rollup',
    database: 'shop',
    source: { table: 'events', strategy: 'consume', key: 'id', time: 'viewed_at' },
    group: { post_id: 'post_id' },
    measures: { views: 'count' },
    buckets: { sizes: ['hour', 'day', 'month'] },
    into: { table: 'counts' },
  },
}

type OpenRollup = (settings?: JobSettings) => Promise<ConfiguredJob>

/** `openRollup` sets a job up over the test's own database and puts everything away afterwards, as `openArchive` does. */
export const test = databaseTest.extend<{ openRollup: OpenRollup }>({
  openRollup: async ({ database }, use) => {
    const opened: { close: () => Promise<void> }[] = []
    try {
      await use(async (settings = {}) => {
        const rollupJob = await openConfiguredJob(rollupKind, database, settings)
        opened.push(rollupJob)
        return rollupJob.job
      })
    } finally {
      for (const { close } of opened.toReversed()) await close()
    }
  },
})
