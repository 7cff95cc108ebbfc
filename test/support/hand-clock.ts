import type { Clock } from '../../src/lib/clock.ts'

export interface HandClock extends Clock {
  /** Moves both clocks on and wakes what is due, in order; what a woken sleeper starts in turn is woken too. */
  advance(milliseconds: number): Promise<void>
  /** Timers and sleepers not yet due. */
  pending(): number
}

interface Timer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** A clock that stands still until it is cranked. */
export function createHandClock(start = new Date('2026-11-22T03:00:00.000Z')): HandClock {
  const timers = new Set<Timer>()
  let elapsed = 0
  let order = 0
  const add = (milliseconds: number, callback: () => void) => {
    const timer = { at: elapsed + Math.max(0, milliseconds), order: order++, callback }
    timers.add(timer)
    return () => timers.delete(timer)
  }
  return {
    now: () => new Date(start.getTime() + elapsed),
    elapsed: () => elapsed,
    schedule: (milliseconds, callback) => add(milliseconds, callback),
    sleep(milliseconds, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const onAbort = () => {
          cancel()
          reject(signal.reason)
        }
        const cancel = add(milliseconds, () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        })
        signal.addEventListener('abort', onAbort, { once: true })
      })
    },
    async advance(milliseconds) {
      const end = elapsed + milliseconds
      await settle()
      for (let due = earliest(timers, end); due !== undefined; due = earliest(timers, end)) {
        elapsed = Math.max(elapsed, due.at)
        timers.delete(due)
        due.callback()
        await settle()
      }
      elapsed = end
    },
    pending: () => timers.size,
  }
}

function earliest(timers: ReadonlySet<Timer>, end: number): Timer | undefined {
  return [...timers]
    .filter(({ at }) => at <= end)
    .sort((one, other) => one.at - other.at || one.order - other.order)[0]
}

/** Lets everything run that waits for nothing but promises. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
