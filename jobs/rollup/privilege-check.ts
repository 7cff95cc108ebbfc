import { describeGrant, findMissingPrivileges, type Privilege } from '../../src/db/privileges.ts'
import type { TableName } from '../../src/db/statement.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { Finding } from '../../src/run/events.ts'
import type { Check } from '../../src/run/job.ts'
import { findUnreadableSensors } from '../../src/run/throttle.ts'
import type { Look } from './checks/look.ts'
import type { RollupConfig } from './config.ts'
import { resolveTables } from './resolve/tables.ts'
import type { Strategy } from './strategy/choose.ts'
import { readChoice } from './strategy/topology.ts'
import type { Tables } from './tables.ts'

/** A missing right is found before the first event, not by it. */
export const privilegeCheck: Check<RollupConfig> = {
  id: 'rollup.privileges',
  scope: 'run',
  async look(context, settings) {
    const resolved = await resolveTables(context, settings)
    if ('problems' in resolved) return []
    const { tables } = resolved
    const choice = tables.source && (await readChoice(context, settings, tables.source))
    if (choice === undefined || 'refused' in choice) return []
    const findings: Finding[] = []
    for (const need of listNeeds(tables, choice.strategy)) findings.push(...(await findDenied(context, need)))
    return [
      ...findings,
      ...(await findUnreadableSensors(context, settings.options.throttle, 'rollup.privileges')),
    ]
  },
}

export interface Need {
  readonly name: TableName
  readonly privileges: readonly Privilege[]
}

/** A locking read asks for the right to change what it locks: DELETE will do on both servers. */
const onSource: Readonly<Record<Strategy, readonly Privilege[]>> = {
  consume: ['DELETE'],
  rotate: ['SELECT', 'INSERT', 'CREATE', 'ALTER', 'DROP'],
  recompute: [],
}

const adding = ['SELECT', 'INSERT', 'UPDATE'] as const
const onCounters: Readonly<Record<Strategy, readonly Privilege[]>> = {
  consume: adding,
  rotate: adding,
  recompute: [...adding, 'DELETE'],
}
/** What is old is forgotten. */
const onSeen: readonly Privilege[] = [...adding, 'DELETE']

function listNeeds({ source, counters, total, seen }: Tables, strategy: Strategy): readonly Need[] {
  const own = [
    { ...counters, privileges: onCounters[strategy] },
    ...(seen === undefined ? [] : [{ ...seen, privileges: onSeen }]),
  ].map(({ name, table, privileges }): Need => {
    const made: readonly Privilege[] = table === undefined ? ['CREATE'] : []
    return { name, privileges: [...privileges, ...made] }
  })
  return [
    ...(source === undefined ? [] : [{ name: source.table.name, privileges: onSource[strategy] }]),
    ...own,
    ...(total === undefined ? [] : [{ name: total.table.name, privileges: ['UPDATE'] as const }]),
  ]
}

/** One finding for the privileges of a table that the account lacks. */
export function findDenied({ read }: PlanContext, { name, privileges }: Need): Promise<readonly Finding[]> {
  return read(async (session) => {
    const missing = await findMissingPrivileges(session, name, privileges)
    if (missing.length === 0) return []
    return [
      {
        id: 'rollup.privileges',
        severity: 'error',
        evidence: `The account may not ${missing.join(' or ')} on ${name.schema}.${name.table}.`,
        fix: await describeGrant(session, name, missing),
      },
    ]
  })
}

/** For a plan, which does no more. */
export const checkReadable: Look = async ({ context, tables: { source, counters, total } }) => {
  const read: readonly Privilege[] = ['SELECT']
  const names = [source?.table.name, counters.table?.name, total?.table.name]
  const findings: Finding[] = []
  for (const name of names)
    if (name !== undefined) findings.push(...(await findDenied(context, { name, privileges: read })))
  return findings
}
