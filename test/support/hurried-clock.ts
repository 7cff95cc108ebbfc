import { type Clock, systemClock } from '../../src/lib/clock.ts'

/** The real clock, but every wait is over `factor` times sooner: for patience that a test need not have. */
export function createHurriedClock(factor: number): Clock {
  return {
    now: systemClock.now,
    elapsed: () => systemClock.elapsed() * factor,
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / factor, signal),
    schedule: (milliseconds, callback) => systemClock.schedule(milliseconds / factor, callback),
  }
}
