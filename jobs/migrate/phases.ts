import { unreachable } from '../../src/lib/errors.ts'
import { checkRows } from './check/check-rows.ts'
import { copyRows } from './copy/copy-rows.ts'
import { proveNothingSlipped } from './cutover/after-swap.ts'
import { catchUp, cutOver, holdBack, oddNames } from './cutover/cut-over.ts'
import { readNames } from './cutover/names-tell.ts'
import { phaseNames } from './phase-names.ts'
import { resultOf } from './result-model.ts'
import type { Scene } from './scene.ts'
import { buildIndexes } from './shadow/build-indexes.ts'
import { makeShadow } from './shadow/make.ts'
import { makeReverse } from './shadow/reverse.ts'
import type { MigrationDefinition, MigrationProgress, Phase } from './state/model.ts'
import { keepingProgress } from './steering/keep-progress.ts'

/** From wherever the migration is to its end, one phase after the other. Each may be begun again after a crash. */
export async function runPhases(scene: Scene, definition: MigrationDefinition): Promise<void> {
  const { progress, tally, context } = scene
  while (progress.phase !== 'done') {
    context.stop.throwIfAborted()
    const { phase } = progress
    const step = { step: phaseNames[phase], unit: 'rows' }
    context.emit({ type: 'stepStarted', ...step, ...totalOf(phase, definition) })
    const next = await keepingProgress(scene, () => runPhase(scene, definition, phase))
    context.emit({ type: 'stepFinished', ...step, done: doneIn(phase, progress.now) })
    await progress.enter(next)
    tally.add(resultOf({ phase: next, phaseMs: progress.now.phaseMs }))
    await context.reach('migrate.phase-entered')
  }
}

/** Only phases that go through rows have an end that can be told. */
function totalOf(phase: Phase, { forecast }: MigrationDefinition): { readonly total?: number } {
  return phase === 'copying' || phase === 'checking' ? { total: forecast.rows } : {}
}

function doneIn(phase: Phase, { rowsCopied, rowsChecked, changesApplied }: MigrationProgress): number {
  if (phase === 'copying') return rowsCopied
  return phase === 'checking' ? rowsChecked : changesApplied
}

/** What comes next. */
async function runPhase(scene: Scene, definition: MigrationDefinition, phase: Phase): Promise<Phase> {
  switch (phase) {
    case 'preparing':
      await makeShadow(scene, definition)
      return 'copying'
    case 'copying':
      await copyRows(scene)
      return 'indexing'
    case 'indexing':
      await buildIndexes(scene, definition.blueprint)
      return 'catchingUp'
    case 'catchingUp':
      await catchUp(scene)
      return 'checking'
    case 'checking':
      await checkRows(scene)
      return 'holding'
    case 'holding':
      await holdBack(scene)
      return 'cuttingOver'
    case 'cuttingOver':
      await swapOnce(scene)
      return 'done'
    case 'done':
      return 'done'
    default:
      return unreachable(phase)
  }
}

/** A run that died after the swap finds it done. */
async function swapOnce(scene: Scene): Promise<void> {
  const names = await readNames(scene)
  if (names === 'odd') throw oddNames(scene)
  if (names === 'waiting') {
    await makeReverse(scene)
    await cutOver(scene)
  }
  await scene.context.reach('migrate.swapped')
  await proveNothingSlipped(scene)
}
