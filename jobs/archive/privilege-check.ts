import { describeGrant, findMissingPrivileges, type Privilege } from '../../src/db/privileges.ts'
import type { TableName } from '../../src/db/statement.ts'
import type { Read } from '../../src/run/context.ts'
import type { Finding } from '../../src/run/events.ts'
import type { Check } from '../../src/run/job.ts'
import { findUnreadableSensors } from '../../src/run/throttle.ts'
import type { CheckScene, Look } from './checks/look.ts'
import { listLive } from './checks/source.ts'
import type { ArchiveConfig } from './config.ts'
import { heldTableName } from './exchange/held-table.ts'
import { findObstacles } from './exchange/obstacles.ts'
import { listPairs } from './partitions/pairs.ts'
import { interpret } from './partitions/partition-map.ts'
import { planPlace } from './place.ts'
import { resolveTables, type TargetTable } from './tables.ts'

/** A missing right is found before the first row, not by it. */
export const privilegeCheck: Check<ArchiveConfig> = {
  id: 'archive.privileges',
  scope: 'run',
  async look(context, settings) {
    const resolved = await resolveTables(context, settings)
    if ('problems' in resolved) return []
    const scene: CheckScene = { context, settings, tables: resolved.tables }
    const findings: Finding[] = []
    for (const need of await listNeeds(scene)) findings.push(...(await lookAt(need)))
    return [
      ...findings,
      ...(await findUnreadableSensors(context, settings.options.throttle, 'archive.privileges')),
    ]
  },
}

interface Need {
  readonly read: Read
  readonly name: TableName
  readonly privileges: readonly Privilege[]
  /** What the right is given on. `schema`: the tables are made by the run, under names of its own. */
  readonly grantOn: 'table' | 'schema'
}

/** What a run of the job may do beside moving rows. */
interface Extent {
  readonly exchanges: boolean
  readonly rotates: boolean
}

async function listNeeds(scene: CheckScene): Promise<readonly Need[]> {
  const { context, settings, tables } = scene
  const extent = {
    exchanges: await mayExchange(scene),
    rotates: settings.options.into.keep !== 'forever',
  }
  const { read } = planPlace(context)
  const live = listLive(tables).map(
    ({ table }): Need => ({
      read: context.read,
      name: table.name,
      privileges: rightsOnLive(extent),
      grantOn: 'table',
    }),
  )
  const archives = listPairs(tables).map(
    ({ target }): Need => ({
      read,
      name: target.name,
      privileges: rightsOnArchive(target, extent),
      grantOn: 'table',
    }),
  )
  const held: Need = {
    read,
    name: heldTableName(tables.target.name, '2000-01'),
    privileges: ['SELECT', 'DELETE', ...exchange],
    grantOn: 'schema',
  }
  return [...live, ...archives, ...(extent.exchanges || extent.rotates ? [held] : [])]
}

/** What both servers ask for, tried one right at a time: an EXCHANGE wants INSERT, CREATE, ALTER and DROP of each side. */
const exchange: readonly Privilege[] = ['INSERT', 'CREATE', 'ALTER', 'DROP']

/** SELECT on tables that are there is asked for by every plan. */
function rightsOnLive({ exchanges }: Extent): readonly Privilege[] {
  return ['DELETE', ...(exchanges ? [...exchange, 'LOCK TABLES' as const] : [])]
}

function rightsOnArchive(
  { table, place }: TargetTable,
  { exchanges, rotates }: Extent,
): readonly Privilege[] {
  const rights: readonly Privilege[] = [
    ...(table === undefined ? (['SELECT', 'CREATE'] as const) : []),
    'INSERT',
    // A row that changed while it was carried is taken back.
    ...(place === 'there' ? (['DELETE'] as const) : []),
    'ALTER',
    ...(exchanges || rotates ? exchange : []),
    ...(rotates ? (['LOCK TABLES'] as const) : []),
  ]
  return [...new Set(rights)]
}

/** Whole months are exchanged where the live table has partitions of its own by month, and nothing speaks against it. */
async function mayExchange(scene: CheckScene): Promise<boolean> {
  const { source, target, age, zone } = scene.tables
  if (source.partitions === undefined || target.place === 'there') return false
  if ('problem' in interpret(source.partitions, age, zone)) return false
  return (await findObstacles(scene)).obstacles.length === 0
}

function lookAt({ read, name, privileges, grantOn }: Need): Promise<readonly Finding[]> {
  return read(async (session) => {
    const missing = await findMissingPrivileges(session, name, privileges)
    if (missing.length === 0) return []
    const place = grantOn === 'table' ? name : { schema: name.schema }
    const where = grantOn === 'table' ? `${name.schema}.${name.table}` : `new tables in ${name.schema}`
    return [
      {
        id: 'archive.privileges',
        severity: 'error',
        evidence: `The account may not ${missing.join(' or ')} on ${where}.`,
        fix: await describeGrant(session, place, missing),
      },
    ]
  })
}

/** For a plan, which does no more. Without it the server refuses in the middle of a question, and names no way out. */
export const checkReadable: Look = async ({ context, tables }) => {
  const live = listLive(tables).map(({ table }) => ({ read: context.read, name: table.name }))
  const archives = listPairs(tables)
    .filter(({ target }) => target.table !== undefined)
    .map(({ target }) => ({ read: planPlace(context).read, name: target.name }))
  const findings: Finding[] = []
  for (const place of [...live, ...archives])
    findings.push(...(await lookAt({ ...place, privileges: ['SELECT'], grantOn: 'table' })))
  return findings
}
