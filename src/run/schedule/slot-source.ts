import type { Config } from '../../config/schema.ts'
import { exitCodes, RowkeeperError } from '../../lib/errors.ts'
import { measureClockOffset } from '../clock-offset.ts'
import {
  type NamedDatabase,
  requireControlTables,
  withControlReader,
  withControlWriter,
} from '../control-writer.ts'
import type { Surroundings } from '../launch.ts'
import { type SlotOutcome, takeSlot } from './take.ts'

/** What deciding about slots needs to know of the world, per job. */
export interface SlotSource {
  /**
   * The clock of the job's database server: several hosts then agree on what is due. Asked once a minute and carried on
   * by this host's clock in between.
   */
  now(job: string): Promise<Date>
  /** Throws `state.missing` (exit 4) without control tables. */
  claim(job: string, slotAt: Date): Promise<SlotOutcome>
}

const OFFSET_LIFE_MS = 60_000

interface Offset {
  readonly milliseconds: number
  /** Of the monotonic clock. */
  readonly readAt: number
}

/** Remembers what it learned, so a daemon that wakes every few seconds asks the server only about new slots. */
export function createSlotSource(config: Config, surroundings: Surroundings): SlotSource {
  const offsets = new Map<string, Offset>()
  const claimed = new Map<string, number>()
  const { clock, host, random } = surroundings
  return {
    async now(job) {
      const database = databaseOf(config, job)
      const known = offsets.get(database.name)
      const isFresh = known !== undefined && clock.elapsed() - known.readAt < OFFSET_LIFE_MS
      const offset = isFresh ? known : await readOffset(database, surroundings)
      offsets.set(database.name, offset)
      return new Date(clock.now().getTime() + offset.milliseconds)
    },
    async claim(job, slotAt) {
      if ((claimed.get(job) ?? Number.NEGATIVE_INFINITY) >= slotAt.getTime()) return 'takenByOther'
      const outcome = await withControlWriter(databaseOf(config, job), surroundings, async (writing) => {
        await requireControlTables(writing)
        const { writer, schema } = writing
        return takeSlot({ writer, schema, job, slotAt, runId: random.id(), holder: host.holder })
      })
      claimed.set(job, slotAt.getTime())
      return outcome
    },
  }
}

async function readOffset(database: NamedDatabase, surroundings: Surroundings): Promise<Offset> {
  const { clock } = surroundings
  return withControlReader(database, surroundings, ({ read }) =>
    read(async (session) => ({
      milliseconds: await measureClockOffset(session, clock),
      readAt: clock.elapsed(),
    })),
  )
}

function databaseOf(config: Config, job: string): NamedDatabase {
  const name = config.jobs[job]?.database ?? ''
  const database = config.databases[name]
  if (database !== undefined) return { name, config: database }
  throw new RowkeeperError({
    code: 'config.unknownJob',
    message: `There is no job ${job} with a configured database.`,
    hint: 'rowkeeper jobs list',
    exitCode: exitCodes.badConfiguration,
  })
}
