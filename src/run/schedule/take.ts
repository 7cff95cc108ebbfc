import type { Writer } from '../../db/database.ts'
import { toControlTime } from '../../db/date-time.ts'
import { DatabaseError } from '../../db/errors.ts'
import { insertSlot, selectSlotRun } from '../sql.ts'

export type SlotOutcome = 'taken' | 'takenByOther'

export interface TakeSlotOptions {
  readonly writer: Writer
  /** Of the control tables. */
  readonly schema: string
  readonly job: string
  readonly slotAt: Date
  /** Of this attempt alone: by it we know our own row again. */
  readonly runId: string
  readonly holder: string
}

/**
 * The slot belongs to whoever's row is there: the unique key (job, slot_at) decides, on any number of hosts. A slot is
 * taken at most once. If its holder dies before the run begins, the next slot does the work.
 */
export async function takeSlot(options: TakeSlotOptions): Promise<SlotOutcome> {
  try {
    return await tryToTake(options)
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind !== 'connectionLost') throw error
    // The insert may have happened although its reply was lost; asking again finds our row then.
    return tryToTake(options)
  }
}

async function tryToTake({
  writer,
  schema,
  job,
  slotAt,
  runId,
  holder,
}: TakeSlotOptions): Promise<SlotOutcome> {
  const slot = { job, slotAt: toControlTime(slotAt.toISOString()), runId, holder }
  return writer.use(async (session) => {
    await session.change(insertSlot(schema, slot))
    const [row] = await session.rows(selectSlotRun(schema, slot))
    return row?.run_id === runId ? 'taken' : 'takenByOther'
  })
}
