import { putBack } from './put-back.ts'
import { restoreFrom } from './restore-from.ts'
import { type BatchEnd, endOf, lockFamily, type RestoreScene } from './restored-batch.ts'
import type { Selection } from './sql.ts'
import { takeOut } from './take-out.ts'
import { transferHere } from './transfer.ts'

/**
 * Brings rows with their children back: put into the live tables, proven there, then removed from the archive tables; on
 * one server in one transaction, from another server as restore-from.ts says.
 */
export async function restoreBatch(scene: RestoreScene, selection: Selection): Promise<BatchEnd> {
  const isElsewhere = scene.context.destination !== undefined
  const ended = await (isElsewhere ? restoreFrom(scene, selection) : restoreHere(scene, selection))
  if (ended.type === 'tooMany') return ended
  scene.tally.add(ended)
  await scene.context.reach('archive.restore-batch-committed')
  return ended
}

function restoreHere(scene: RestoreScene, selection: Selection): Promise<BatchEnd> {
  const { context, month } = scene
  return context.transact(`restore ${month}`, async (transaction) => {
    const family = await lockFamily(transaction, scene, selection)
    if (family === 'tooMany') return { type: 'tooMany' }
    const present = await putBack(transaction, transferHere, family)
    await takeOut(transaction, scene, family)
    return endOf(scene, family, present)
  })
}
