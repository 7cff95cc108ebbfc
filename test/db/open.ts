import { type Database, openDatabase, type Writer } from '../../src/db/database.ts'
import { WriteGrant } from '../../src/db/grant.ts'
import { never } from '../../src/lib/abort.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { databaseSettings } from '../../src/run/settings.ts'
import { testDatabase } from '../run/surroundings.ts'

export interface OpenOptions {
  /** As in the configuration, beside the URL: `{ timeouts: { statement: '200ms' } }`. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly kill?: AbortSignal
  readonly clock?: Clock
}

/** The reading half on a test's database, closed whatever `work` comes to. */
export async function withReader<T>(
  url: string,
  work: (database: Database) => Promise<T>,
  { config = {}, kill = never, clock = systemClock }: OpenOptions = {},
): Promise<T> {
  const named = testDatabase(url, config)
  const settings = databaseSettings(named.name, named.config, 'run-of-a-test')
  const database = await openDatabase({ settings, clock, kill })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** The writing half too. */
export async function withWriter<T>(
  url: string,
  work: (writer: Writer, database: Database) => Promise<T>,
  options: OpenOptions = {},
): Promise<T> {
  return withReader(
    url,
    async (database) => {
      const writer = await database.openWriter(WriteGrant.mint('test'), 'work')
      try {
        return await work(writer, database)
      } finally {
        await writer.close()
      }
    },
    options,
  )
}
