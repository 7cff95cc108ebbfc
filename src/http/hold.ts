import type { Clock } from '../lib/clock.ts'
import type { Rate } from '../resilience/rate.ts'

export interface HoldOptions {
  readonly clock: Clock
  readonly rate: Rate
  /** ISO 8601, from the state of an earlier process. */
  readonly savedNotBefore?: string | undefined
  readonly onHold: (until: Date) => void
}

/** The pause a service asked for. It counts for every request to it, also for those of the next process. */
export interface Hold {
  /** Lets nothing start for so long; a shorter pause never shortens a longer one. */
  extend(milliseconds: number): void
  /** When the pause ends, if it takes longer than this many milliseconds. */
  longerThan(milliseconds: number): Date | undefined
}

const LONGEST_SAVED_MS = 24 * 3600 * 1000
// Requests that were in flight together are told nearly the same moment: one message.
const SAME_HOLD_MS = 1000

export function createHold({ clock, rate, savedNotBefore, onHold }: HoldOptions): Hold {
  let until = new Date(0)
  const pause = (milliseconds: number) => {
    const end = clock.now().getTime() + milliseconds
    rate.pauseUntil(clock.elapsed() + milliseconds)
    const extended = end - until.getTime()
    if (extended > 0) until = new Date(end)
    return extended
  }
  const saved = savedNotBefore === undefined ? Number.NaN : Date.parse(savedNotBefore) - clock.now().getTime()
  if (saved > 0 && saved <= LONGEST_SAVED_MS) pause(saved)
  return {
    extend(milliseconds) {
      if (pause(milliseconds) > SAME_HOLD_MS) onHold(until)
    },
    longerThan: (milliseconds) => (rate.pausedFor() > milliseconds ? until : undefined),
  }
}
