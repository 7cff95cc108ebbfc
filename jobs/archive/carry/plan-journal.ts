import type { Step } from '../plan-model.ts'
import type { PlanScene } from '../scene.ts'
import { readJournal } from './journal.ts'

/** A step when batches of an earlier run left rows on both servers. */
export async function planJournal(scene: PlanScene): Promise<readonly Step[]> {
  if (scene.tables.target.place === 'here') return []
  const entries = await readJournal(scene)
  const open = entries.filter(({ atSource }) => atSource !== 'deleted')
  return open.length === 0 ? [] : [{ type: 'settleJournal', batches: open.length }]
}
