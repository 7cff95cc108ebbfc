import type { Emit } from './events.ts'

/** What a run tells of the units it works through: one measure for all of its steps, since that is what people wait for. */
export interface Progress {
  begin(): void
  add(units: number): void
  end(): void
}

export function createProgress(
  emit: Emit,
  step: { readonly step: string; readonly unit: string },
  planned: number,
): Progress {
  let done = 0
  let isBegun = false
  return {
    begin() {
      if (!isBegun) emit({ type: 'stepStarted', ...step, total: planned })
      isBegun = true
    },
    add(units) {
      done += units
      // What came since the plan is worked through too.
      emit({ type: 'stepProgress', ...step, done, total: Math.max(done, planned) })
    },
    end() {
      if (isBegun) emit({ type: 'stepFinished', ...step, done })
      isBegun = false
    },
  }
}
