import { migrate } from '../../jobs/migrate/job.ts'
import { type ConfiguredJob, type JobKind, type JobSettings, openConfiguredJob } from './configured-job.ts'
import { test as databaseTest } from './database.ts'

/** The name of the job in the configuration. */
export const jobName = 'wider-items'

/** `items` gets a column. */
export const migrateKind: JobKind = {
  job: migrate,
  name: jobName,
  defaults: {
    kind: 'migrate',
    database: 'shop',
    table: 'items',
    alter: 'ADD COLUMN note VARCHAR(200) NULL, MODIFY COLUMN amount BIGINT NOT NULL',
  },
}

type OpenMigrate = (settings?: JobSettings) => Promise<ConfiguredJob>

/** `openMigrate` sets a job up over the test's own database and puts everything away afterwards, as `openArchive` does. */
export const test = databaseTest.extend<{ openMigrate: OpenMigrate }>({
  openMigrate: async ({ database }, use) => {
    const opened: { close: () => Promise<void> }[] = []
    try {
      await use(async (settings = {}) => {
        const migrateJob = await openConfiguredJob(migrateKind, database, settings)
        opened.push(migrateJob)
        return migrateJob.job
      })
    } finally {
      for (const { close } of opened.toReversed()) await close()
    }
  },
})
