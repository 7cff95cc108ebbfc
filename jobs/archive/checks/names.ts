import type { TableName } from '../../../src/db/statement.ts'
import { readTableKind, type TableKind } from '../../../src/db/table-kind.ts'
import type { PlanContext } from '../../../src/run/context.ts'
import type { Finding } from '../../../src/run/events.ts'
import type { JobSettings } from '../../../src/run/job.ts'
import type { ArchiveConfig } from '../config.ts'
import { correct, refusal } from './look.ts'

/** A table that the configuration names, and the key that names it. */
interface Named {
  readonly key: string
  readonly name: TableName
  readonly place: 'here' | 'there'
}

/** Before any table is looked at: each name is of one table, and none is both emptied and filled. */
export async function checkNames(
  context: PlanContext,
  settings: JobSettings<ArchiveConfig>,
): Promise<readonly Finding[]> {
  const named = listNames(settings)
  const twice = findTwice(named, context)
  if (twice !== undefined) return [usedTwice(twice, settings.job)]
  const findings: Finding[] = []
  for (const entry of named) {
    const read = (entry.place === 'there' ? context.destination?.read : undefined) ?? context.read
    const kind = await read((session) => readTableKind(session, entry.name))
    if (kind !== undefined && kind !== 'table') findings.push(noTable(entry, kind, settings.job))
  }
  return findings
}

interface ChildEntry {
  readonly table: string
  readonly into?: string
  readonly children?: readonly ChildEntry[]
}

function listNames({ options, schema, destination }: JobSettings<ArchiveConfig>): readonly Named[] {
  const live = (key: string, table: string): Named => ({ key, name: { schema, table }, place: 'here' })
  const archived = (key: string, table: string): Named => ({
    key,
    name: { schema: destination?.schema ?? schema, table },
    place: destination === undefined ? 'here' : 'there',
  })
  const ofChildren = (children: readonly ChildEntry[], path: string): readonly Named[] =>
    children.flatMap(({ table, into = `${table}_archive`, children: below = [] }, index) => [
      live(`${path}[${index}].table`, table),
      archived(`${path}[${index}].into`, into),
      ...ofChildren(below, `${path}[${index}].children`),
    ])
  return [
    live('table', options.table),
    archived('into.table', options.into.table),
    ...ofChildren(options.children, 'children'),
  ]
}

function findTwice(named: readonly Named[], context: PlanContext): readonly [Named, Named] | undefined {
  for (const [index, entry] of named.entries()) {
    const earlier = named.slice(0, index).find((other) => isSame(other, entry, context))
    if (earlier !== undefined) return [earlier, entry]
  }
  return undefined
}

/** Two entries under databases may lead to the same server. */
function isSame(one: Named, other: Named, { server, destination }: PlanContext): boolean {
  const serverOf = ({ place }: Named) => (place === 'there' ? (destination?.server ?? server) : server)
  if (serverOf(one).id !== serverOf(other).id) return false
  const fold = (name: string) => (server.lowerCaseTableNames === 0 ? name : name.toLowerCase())
  const sameSchema = fold(one.name.schema) === fold(other.name.schema)
  return sameSchema && fold(one.name.table) === fold(other.name.table)
}

function usedTwice([first, second]: readonly [Named, Named], job: string): Finding {
  const { schema, table } = second.name
  return refusal(
    'sameTable',
    `${first.key} and ${second.key} are one table, ${schema}.${table}: rows would be moved to where they are deleted.`,
    correct(job, second.key),
  )
}

const reasons: Record<Exclude<TableKind, 'table'>, string> = {
  view: 'a view; rows are moved between tables',
  'system-versioned table':
    'system-versioned: the server keeps every deleted row as history, so moving rows out would free nothing',
  other: 'no ordinary table',
}

function noTable({ key, name }: Named, kind: Exclude<TableKind, 'table'>, job: string): Finding {
  return refusal('notATable', `${name.schema}.${name.table} is ${reasons[kind]}.`, correct(job, key))
}
