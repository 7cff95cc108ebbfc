import type { Emit } from '../../src/run/events.ts'
import type { Step } from './plan-model.ts'

/** What a run tells of the rows it moves: one measure for all months, since that is what an operator waits for. */
export interface MoveProgress {
  begin(): void
  add(rows: number): void
  end(): void
}

export function createMoveProgress(emit: Emit, steps: readonly Step[]): MoveProgress {
  const planned = steps.reduce((sum, step) => sum + (step.type === 'moveMonth' ? step.rows : 0), 0)
  const step = { step: 'moving rows', unit: 'rows' } as const
  let done = 0
  let isBegun = false
  return {
    begin() {
      if (!isBegun) emit({ type: 'stepStarted', ...step, total: planned })
      isBegun = true
    },
    add(rows) {
      done += rows
      // Rows of a planned month that came since are moved too.
      emit({ type: 'stepProgress', ...step, done, total: Math.max(done, planned) })
    },
    end() {
      if (isBegun) emit({ type: 'stepFinished', ...step, done })
      isBegun = false
    },
  }
}
