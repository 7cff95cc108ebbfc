import { DatabaseError } from '../../src/db/errors.ts'
import { describeGrant, findMissingPrivileges, type Privilege } from '../../src/db/privileges.ts'
import type { TableName } from '../../src/db/statement.ts'
import { RowkeeperError } from '../../src/lib/errors.ts'
import type { PlanContext, Read } from '../../src/run/context.ts'
import type { Finding } from '../../src/run/events.ts'
import type { Check } from '../../src/run/job.ts'
import type { Look } from './checks/look.ts'
import { listLive } from './checks/source.ts'
import type { ArchiveConfig } from './config.ts'
import { listPairs } from './partitions/pairs.ts'
import { interpret } from './partitions/partition-map.ts'
import { planPlace } from './place.ts'
import { resolveTables, type Tables } from './tables.ts'
import { listSensors } from './throttle.ts'

/** A missing right is found before the first row, not by it. */
export const privilegeCheck: Check<ArchiveConfig> = {
  id: 'archive.privileges',
  scope: 'run',
  async look(context, settings) {
    const resolved = await resolveTables(context, settings)
    if ('problems' in resolved) return []
    const findings: Finding[] = []
    for (const need of listNeeds(context, settings.options, resolved.tables))
      findings.push(...(await lookAt(need)))
    return [...findings, ...(await lookAtSensors(context, settings.options))]
  },
}

interface Need {
  readonly read: Read
  readonly name: TableName
  readonly privileges: readonly Privilege[]
  /** What the right is given on. `schema`: the tables are made by the run, under names of its own. */
  readonly grantOn: 'table' | 'schema'
}

/** What both servers ask for, tried one right at a time: an EXCHANGE wants INSERT, CREATE, ALTER and DROP of each side. */
const exchange: readonly Privilege[] = ['INSERT', 'CREATE', 'ALTER', 'DROP']

/** SELECT on tables that are there is asked for by every plan. */
function listNeeds(context: PlanContext, options: ArchiveConfig, tables: Tables): readonly Need[] {
  const rotates = options.into.keep !== 'forever'
  const exchanges = mayExchange(options, tables)
  const { read: atArchive } = planPlace(context)
  const live = listLive(tables).map(
    ({ table }): Need => ({
      read: context.read,
      name: table.name,
      privileges: ['DELETE', ...(exchanges ? [...exchange, ...lockTables] : [])],
      grantOn: 'table',
    }),
  )
  const archives = listPairs(tables).map(
    ({ target }): Need => ({
      read: atArchive,
      name: target.name,
      privileges: [
        ...new Set<Privilege>([
          ...(target.table === undefined ? (['SELECT', 'CREATE'] as const) : []),
          ...(target.place === 'there' ? (['INSERT', 'DELETE'] as const) : (['INSERT'] as const)),
          'ALTER',
          ...(rotates || exchanges ? exchange : []),
          ...(rotates ? lockTables : []),
        ]),
      ],
      grantOn: 'table',
    }),
  )
  const held: Need = {
    read: atArchive,
    name: { schema: tables.target.name.schema, table: 'rk_hold_' },
    privileges: ['SELECT', 'DELETE', ...exchange],
    grantOn: 'schema',
  }
  return [...live, ...archives, ...(rotates || exchanges ? [held] : [])]
}

const lockTables: readonly Privilege[] = ['LOCK TABLES']

/** Whole months are exchanged where the live table has partitions of its own by month, and all of their rows go. */
function mayExchange({ where }: ArchiveConfig, { source, target, children, age, zone }: Tables): boolean {
  if (source.partitions === undefined || where.trim() !== '' || target.place === 'there') return false
  return children.length === 0 && !('problem' in interpret(source.partitions, age, zone))
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

/** A run that cannot read what it is to wait for would wait a minute and give up. What is passing is left to the run. */
async function lookAtSensors(context: PlanContext, { throttle }: ArchiveConfig): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const sensor of listSensors(context, throttle)) {
    const error = await sensor.read().then(
      () => undefined,
      (reason) => reason,
    )
    if (!(error instanceof RowkeeperError) || !isRefusal(error)) continue
    const { message, hint } = error
    findings.push({
      id: 'archive.privileges',
      severity: 'error',
      evidence: `${message} The run is to wait for it.`,
      fix: hint,
    })
  }
  return findings
}

function isRefusal({ cause }: RowkeeperError): boolean {
  return cause instanceof DatabaseError && cause.kind === 'permission'
}
