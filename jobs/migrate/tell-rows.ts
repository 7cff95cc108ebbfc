import { phaseNames } from './phase-names.ts'
import type { Scene } from './scene.ts'
import type { Phase } from './state/model.ts'

/** The number of rows is an estimate: there are never fewer than are done, and one more until the phase is over. */
export function tellRows({ context, expectedRows }: Scene, phase: Phase, done: number): void {
  const total = Math.max(expectedRows, done + 1)
  context.emit({ type: 'stepProgress', step: phaseNames[phase], unit: 'rows', done, total })
}
