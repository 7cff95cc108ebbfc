import { archive } from '../../jobs/archive/job.ts'
import { type ConfiguredJob, type JobKind, type JobSettings, openConfiguredJob } from './configured-job.ts'
import { test as databaseTest, type TestDatabase, type TestRow } from './database.ts'

export type {
  BinaryOptions,
  JobSettings as ArchiveSettings,
  RunOptions as ArchiveRunOptions,
} from './configured-job.ts'

/** One archive job `old-orders` over the tables that the test makes. */
export interface ArchiveJob extends ConfiguredJob {
  /** The month ledger, by archive table and month. */
  months(): Promise<TestRow[]>
}

/** The name of the job in the configuration. */
export const jobName = 'old-orders'

/** Rows of `orders` older than 13 months go to `orders_archive`. */
const archiveKind: JobKind = {
  job: archive,
  name: jobName,
  defaults: {
    kind: 'archive',
    database: 'shop',
    table: 'orders',
    age: { column: 'created_at', olderThan: '13 months' },
    into: { table: 'orders_archive' },
  },
}

type OpenArchive = (settings?: JobSettings) => Promise<ArchiveJob>

/**
 * `openArchive` sets a job up over the test's own database and puts everything away afterwards:
 * `test('…', async ({ database, openArchive }) => { … const job = await openArchive({ job: { where: … } }) … })`.
 */
export const test = databaseTest.extend<{ openArchive: OpenArchive }>({
  openArchive: async ({ database }, use) => {
    const opened: { close: () => Promise<void> }[] = []
    try {
      await use(async (settings = {}) => {
        const archiveJob = await openArchiveJob(database, settings)
        opened.push(archiveJob)
        return archiveJob.job
      })
    } finally {
      for (const { close } of opened.toReversed()) await close()
    }
  },
})

/** For a database that is not the test's own: a server that the test freezes or kills. */
export async function openArchiveJob(
  database: TestDatabase,
  settings: JobSettings = {},
): Promise<{ job: ArchiveJob; close: () => Promise<void> }> {
  const { job, close } = await openConfiguredJob(archiveKind, database, settings)
  const months = () => database.query('SELECT * FROM rowkeeper_month ORDER BY archive_table, month')
  return { job: { ...job, months }, close }
}
