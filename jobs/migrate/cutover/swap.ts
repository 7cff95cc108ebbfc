import type { WriteSession } from '../../../src/db/session.ts'
import { never } from '../../../src/lib/abort.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { withLockWait } from '../lock-wait.ts'
import type { Scene } from '../scene.ts'
import { dropTable } from '../sql.ts'
import { drain } from './drain.ts'
import { createSentry, lockTables, selectComment, selectState, swapNames, unlockTables } from './sql.ts'

/** One attempt; milliseconds that writers were kept waiting. Throws `lock.notHad` when the tables were not to be locked. */
export function swapTables(scene: Scene): Promise<number> {
  return scene.context.server.family === 'mysql' ? swapInside(scene) : swapBeside(scene)
}

/** MySQL from 8.0.13 on renames tables that the session itself has locked: there is no moment between drain and swap. */
function swapInside(scene: Scene): Promise<number> {
  const { context, route, settings } = scene
  const { source, shadow, retired, changelog } = route
  return context.define(
    `swapping ${source.name.table}`,
    (session) =>
      withLockWait(session, settings.options.cutOver.lockWait, async () => {
        const begun = context.clock.elapsed()
        await session.change(lockTables([source.name, shadow, changelog]))
        await drain(session, scene)
        await session.change(swapNames({ source: source.name, shadow, retired }))
        await session.change(unlockTables)
        return context.clock.elapsed() - begun
      }),
    { tables: [source.name, shadow, changelog], patienceMs: 0 },
  )
}

const SENTRY = 'rowkeeper: holds this name for a moment'

/**
 * MariaDB refuses to rename under LOCK TABLES (error 1192). So one session locks and drains, and a second one's rename
 * waits for it; what waits for the table exclusively goes before the writers that came earlier. The sentry has the name that
 * the table shall get: when the first session dies before it has dropped it, the rename fails, and nothing is swapped.
 */
function swapBeside(scene: Scene): Promise<number> {
  const { context, route, settings } = scene
  const { source, shadow, retired, changelog } = route
  return context.define(
    `locking ${source.name.table}`,
    async (session) => {
      await dropSentry(session, scene)
      await session.change(createSentry(retired, SENTRY))
      await context.reach('migrate.sentry-made')
      try {
        return await withLockWait(session, settings.options.cutOver.lockWait, async () => {
          const begun = context.clock.elapsed()
          await session.change(lockTables([source.name, shadow, changelog, retired]))
          await drain(session, scene)
          await renameBeside(session, scene)
          return context.clock.elapsed() - begun
        })
      } catch (error) {
        await dropSentry(session, scene).catch(() => {})
        throw error
      }
    },
    { tables: [source.name, shadow, changelog], patienceMs: 0 },
  )
}

async function renameBeside(locker: WriteSession, scene: Scene): Promise<void> {
  const { route, context } = scene
  const other = startRename(scene)
  try {
    await awaitQueued(scene, other)
    await context.reach('migrate.rename-waits')
    await locker.change(dropTable(route.retired))
    await context.reach('migrate.sentry-dropped')
  } finally {
    await locker.change(unlockTables)
    await other.ended.catch(() => {})
  }
  await other.ended
}

interface Renaming {
  readonly connectionId: () => string | undefined
  readonly ended: Promise<void>
}

function startRename({ context, route, settings }: Scene): Renaming {
  const { source, shadow, retired } = route
  let connectionId: string | undefined
  const ended = context.define(
    `renaming ${source.name.table}`,
    (session) =>
      withLockWait(session, settings.options.cutOver.lockWait, async () => {
        connectionId = session.connectionId
        await session.change(swapNames({ source: source.name, shadow, retired }))
      }),
    { tables: [source.name, shadow], patienceMs: 0 },
  )
  // Met where it is awaited; until then it may fail without being looked at.
  ended.catch(() => {})
  return { connectionId: () => connectionId, ended }
}

const POLL_MS = 10
const QUEUE_PATIENCE_MS = 2000

/** Until the rename is seen waiting for the table. One that ended already failed: the sentry is in its way. */
async function awaitQueued({ context }: Scene, { connectionId, ended }: Renaming): Promise<void> {
  const { clock } = context
  const begun = clock.elapsed()
  let hasEnded = false
  ended.then(
    () => {
      hasEnded = true
    },
    () => {
      hasEnded = true
    },
  )
  while (clock.elapsed() - begun < QUEUE_PATIENCE_MS && !hasEnded) {
    const id = connectionId()
    const [row] = id === undefined ? [] : await context.read((session) => session.rows(selectState(id)))
    if (String(row?.state).includes('metadata lock')) return
    await clock.sleep(POLL_MS, never)
  }
  throw new RowkeeperError({
    code: 'migrate.renameNotQueued',
    message: 'The rename did not come to wait for the table in time. Nothing was swapped.',
    hint: 'Run it again; it goes on where it was.',
    retryable: true,
    exitCode: exitCodes.tryLater,
  })
}

/** Only the sentry itself: by then the table may have got the name. */
async function dropSentry(session: WriteSession, { route }: Scene): Promise<void> {
  const [row] = await session.rows(selectComment(route.retired))
  if (row?.comment === SENTRY) await session.change(dropTable(route.retired))
}
