import type { TableName } from '../../../src/db/statement.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import type { MigrationProgress, Phase } from './model.ts'
import { saveProgress } from './state.ts'

/** How far the migration is, kept here and written down now and then. */
export interface Progress {
  readonly phase: Phase
  readonly now: MigrationProgress
  /** What is committed; written down with the next save. */
  note(part: Partial<MigrationProgress>): void
  /** Writes down what was noted, if the last time is some seconds ago. */
  save(): Promise<void>
  /** Writes down that the phase is over, and how long it took. */
  enter(phase: Phase): Promise<void>
}

/** A kill loses this much of what is noted, and never anything that is done. */
const SAVE_EVERY_MS = 2000

export function createProgress(
  context: ExecuteContext,
  name: TableName,
  begun: { readonly phase: Phase; readonly progress: MigrationProgress },
): Progress {
  const { clock } = context
  let phase = begun.phase
  let now = begun.progress
  let savedAt = clock.elapsed()
  let enteredAt = clock.elapsed()
  const addTime = () => {
    const spent = (now.phaseMs[phase] ?? 0) + clock.elapsed() - enteredAt
    enteredAt = clock.elapsed()
    now = { ...now, phaseMs: { ...now.phaseMs, [phase]: Math.round(spent) } }
  }
  const write = async () => {
    addTime()
    savedAt = clock.elapsed()
    await saveProgress(context, name, phase, now)
  }
  return {
    get phase() {
      return phase
    },
    get now() {
      return now
    },
    note(part) {
      now = { ...now, ...part }
    },
    async save() {
      if (clock.elapsed() - savedAt >= SAVE_EVERY_MS) await write()
    },
    async enter(next) {
      addTime()
      phase = next
      await write()
    },
  }
}
