import {
  countReplicas,
  type OpenTransaction,
  readHistoryLength,
  readLongestTransaction,
} from '../../src/db/load.ts'
import { readReferringTables } from '../../src/db/referring-tables.ts'
import type { ReadSession } from '../../src/db/session.ts'
import { RowkeeperError } from '../../src/lib/errors.ts'
import { formatBytes, formatDuration, plural } from '../../src/lib/units.ts'
import { listUnseenTriggers } from './checks/triggers.ts'
import { listPairs } from './partitions/pairs.ts'
import type { PlanScene } from './scene.ts'

/** What to know of the servers before rows are moved, as far as the account may know it. `bytes`: of the rows to move. */
export async function describeServers(scene: PlanScene, bytes: number): Promise<readonly string[]> {
  const { context } = scene
  return [
    ...(await context.read(describeLoad)),
    ...describeRoom(scene, bytes),
    ...describeDestination(scene),
    ...(await describeUnseen(scene)),
  ]
}

async function describeLoad(session: ReadSession): Promise<readonly string[]> {
  const history = (await orUnknown(readHistoryLength(session))) ?? 0
  const replicas = (await countReplicas(session)) ?? 0
  const facts = [
    ...(history < NOTABLE_HISTORY ? [] : [`${plural(history, 'old row version')} wait to be cleaned up`]),
    ...(replicas === 0 ? [] : [`${plural(replicas, 'replica')} repeat everything that is moved`]),
  ]
  return [
    ...(facts.length === 0 ? [] : [`On the server, ${facts.join(', and ')}.`]),
    ...describeTransaction(await orUnknown(readLongestTransaction(session))),
  ]
}

/** An idle server cleans up behind itself within seconds; a busy one keeps thousands. */
const NOTABLE_HISTORY = 10_000

/** What an ordinary report or a nightly dump takes. */
const LONG_MS = 60_000

function describeTransaction(oldest: OpenTransaction | undefined): readonly string[] {
  if (oldest === undefined || oldest.ageMs < LONG_MS) return []
  return [
    `Connection ${oldest.connectionId} has had a transaction open for ${formatDuration(oldest.ageMs)}: what is deleted from now on keeps its space until that ends.`,
  ]
}

/** Where the account may not look, the run works without knowing. */
function orUnknown<T>(reading: Promise<T>): Promise<T | undefined> {
  return reading.catch((error) => {
    if (error instanceof RowkeeperError && error.code === 'load.unreadable') return undefined
    throw error
  })
}

/** Deleting makes room inside the table, which the archive table cannot use. */
function describeRoom({ tables }: PlanScene, bytes: number): readonly string[] {
  if (bytes === 0) return []
  const names = listPairs(tables).map(({ target }) => target.name.table)
  const grow = names.length === 1 ? 'grows by about' : 'grow together by about'
  return [
    `${names.join(', ')} ${grow} ${formatBytes(bytes)} and what indexes take, while no file of a live table shrinks; how much the disk has left the server does not tell.`,
  ]
}

function describeDestination({ context, settings }: PlanScene): readonly string[] {
  const { server, destination } = context
  if (destination === undefined || destination.server.id !== server.id) return []
  return [
    `${settings.destination?.name} is on the same server. Without into.database the rows would not travel through this process.`,
  ]
}

async function describeUnseen(scene: PlanScene): Promise<readonly string[]> {
  const { context, tables } = scene
  const unseen = await listUnseenTriggers(scene)
  const referring = await context.read((session) => readReferringTables(session, tables.source.table.name))
  const names = unseen.map(({ table }) => table)
  return [
    ...(names.length === 0
      ? []
      : [
          `Triggers of ${names.join(', ')} are not known: the account lacks TRIGGER. A copy that one changes is refused.`,
        ]),
    ...(referring === undefined
      ? ['Tables that the account may not see might refer to the rows by foreign keys: PROCESS would tell.']
      : []),
  ]
}
