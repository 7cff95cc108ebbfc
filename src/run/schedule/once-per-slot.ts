import { exitCodes, RowkeeperError } from '../../lib/errors.ts'
import type { Launch } from '../launch.ts'
import type { Ended } from '../runner.ts'
import { endSkipped, skipOverlap } from './skip.ts'
import type { SlotSource } from './slot-source.ts'
import { latestSlot } from './slots.ts'

/**
 * `run --once-per-slot`, for crontabs on several hosts: runs when nobody has the latest slot yet, else ends as skipped
 * with exit code 0. Throws `schedule.none` (exit 64) for a job without a schedule.
 */
export async function runOncePerSlot(
  launch: Launch,
  slots: SlotSource,
  run: () => Promise<Ended>,
): Promise<Ended> {
  const { name, schedule } = launch.entry
  if (schedule === undefined) throw noSchedule(name)
  const slotAt = latestSlot(schedule, await slots.now(name))
  if (slotAt === undefined) return endSkipped(launch, 'no slot of its schedule came in the last 40 days')
  const outcome = await slots.claim(name, slotAt)
  if (outcome === 'takenByOther')
    return endSkipped(launch, `the slot ${slotAt.toISOString()} is already taken`)
  const { result, report } = await run()
  return { result: skipOverlap(result), report }
}

function noSchedule(job: string): RowkeeperError {
  return new RowkeeperError({
    code: 'schedule.none',
    message: `The job ${job} has no schedule, so it has no slots.`,
    hint: `Give it one in the configuration, or run it without --once-per-slot: rowkeeper run ${job}`,
    exitCode: exitCodes.usage,
  })
}
