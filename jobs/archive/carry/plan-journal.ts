import type { Step } from '../plan-model.ts'
import type { PlanScene } from '../scene.ts'
import { readJournal } from './journal.ts'

/** A step when batches of an earlier run may have left rows on both servers. */
export async function planJournal(scene: PlanScene): Promise<readonly Step[]> {
  if (scene.tables.target.place === 'here') return []
  const entries = await readJournal(scene)
  return entries.length === 0 ? [] : [{ type: 'settleJournal', batches: entries.length }]
}
