import { readTable } from '../../../src/db/catalog.ts'
import { DatabaseError } from '../../../src/db/errors.ts'
import type { WriteSession } from '../../../src/db/session.ts'
import { DUPLICATE, duplicateRows } from '../changes/apply.ts'
import { deleteChanged, deleteNoted, insertChanged } from '../changes/sql.ts'
import type { Scene } from '../scene.ts'
import { markApplying } from '../shadow/sql.ts'
import { refuseAltered } from '../shadow/unaltered.ts'
import { setAutoIncrement } from './sql.ts'

/**
 * Under the lock, where nobody writes: the last changes, all together, so that a clash now is a real one. Each statement
 * commits by itself; when the session dies in between, the changes are still noted and are applied again.
 */
export async function drain(session: WriteSession, scene: Scene): Promise<void> {
  const { route, context } = scene
  await context.reach('migrate.tables-locked')
  await refuseAltered(session, scene)
  await session.change(markApplying)
  await session.change(deleteChanged(route, 'all'))
  await context.reach('migrate.drain-deleted')
  await session.change(insertChanged(route, 'all')).catch((error) => {
    throw error instanceof DatabaseError && error.number === DUPLICATE ? duplicateRows(scene, error) : error
  })
  await session.change(deleteNoted(route, 'all'))
  await fitAutoIncrement(session, scene)
  await context.reach('migrate.drained')
}

/** What the server draws next is not lower than what the table would have drawn. */
async function fitAutoIncrement(session: WriteSession, { route }: Scene): Promise<void> {
  const isCounted = route.target.columns.some(({ isAutoIncrement }) => isAutoIncrement)
  const next = (await readTable(session, route.source.name))?.autoIncrement
  if (!isCounted || next === undefined) return
  const own = (await readTable(session, route.shadow))?.autoIncrement
  if (own !== undefined && BigInt(own) >= BigInt(next)) return
  await session.change(setAutoIncrement(route.shadow, BigInt(next)))
}
