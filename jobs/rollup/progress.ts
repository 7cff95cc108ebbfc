import type { Emit } from '../../src/run/events.ts'

/** What a run tells of the events it counts. */
export interface RollupProgress {
  begin(): void
  add(events: number): void
  end(): void
}

export function createRollupProgress(emit: Emit, planned: number): RollupProgress {
  const step = { step: 'counting events', unit: 'events' } as const
  let done = 0
  let isBegun = false
  return {
    begin() {
      if (!isBegun) emit({ type: 'stepStarted', ...step, total: planned })
      isBegun = true
    },
    add(events) {
      done += events
      // Events that came since the plan are counted too.
      emit({ type: 'stepProgress', ...step, done, total: Math.max(done, planned) })
    },
    end() {
      if (isBegun) emit({ type: 'stepFinished', ...step, done })
      isBegun = false
    },
  }
}
