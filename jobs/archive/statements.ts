import type { Step } from './plan-model.ts'
import type { PlanScene } from './scene.ts'

/** The statements of a run as a DBA would want to read them before: definitions in full, one batch with `?`. */
export function describeStatements(scene: PlanScene, steps: readonly Step[]): readonly string[] {
  const definitions = steps.flatMap((step) => (step.type === 'createArchive' ? step.statements : []))
  return [...definitions, ...describeBatch(scene.tables)]
}
