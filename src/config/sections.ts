import { z } from 'zod'
import { effectiveValues } from './effective.ts'
import { checkText, databaseReference, fieldKinds, schedule, serviceReference } from './fields.ts'
import { describeIssues } from './issues.ts'
import type { Finding, Path } from './problem.ts'
import { databaseConfig, type JobKindConfig, serviceConfig } from './schema.ts'
import type { Schemas } from './schema-walk.ts'
import { suggest } from './suggest.ts'

/** One named entry of the file, with the schemas that cover it. A job has two: the common keys and its own. */
export interface Section {
  readonly group: Group
  readonly name: string
  readonly path: Path
  readonly parts: readonly { readonly schema: z.ZodType; readonly input: unknown }[]
}

export type Group = 'databases' | 'services' | 'jobs'

const entryName = checkText((text) =>
  /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text)
    ? undefined
    : 'a name here has letters, digits, - and _ only, begins with a letter or digit, and is 64 characters at most',
)
const entries = z.record(entryName, z.record(z.string(), z.unknown()))

/** The frame of the file; what stands inside an entry is checked entry by entry. */
export const fileFrame = z.strictObject({
  version: z.literal(1).describe('Version of this file format'),
  databases: entries,
  services: entries.prefault({}),
  jobs: entries.prefault({}),
})

export type FileFrame = z.output<typeof fileFrame>

/** The keys every job has, whatever its kind. */
export const jobBase = z.strictObject({
  kind: z
    .string()
    .register(fieldKinds, { kind: 'kind of job', secrecy: 'plain' })
    .describe('What the job does'),
  schedule: schedule
    .exactOptional()
    .describe('When `rowkeeper schedule` runs it: cron fields read in UTC, or { cron, timeZone }'),
  database: databaseReference.describe('The name of an entry under databases'),
  service: serviceReference.exactOptional().describe('The name of an entry under services'),
})

const baseKeys: readonly string[] = Object.keys(jobBase.shape)

export function listSections(frame: FileFrame, kinds: readonly JobKindConfig[]): readonly Section[] {
  const plain = (group: Group, schema: z.ZodType) =>
    Object.entries(frame[group]).map(([name, input]): Section => {
      return { group, name, path: [group, name], parts: [{ schema, input }] }
    })
  const jobs = Object.entries(frame.jobs).map(([name, input]): Section => {
    const kind = kinds.find((candidate) => candidate.kind === input.kind)
    const own = kind === undefined ? [] : [{ schema: kind.schema, input: ownKeys(input) }]
    return {
      group: 'jobs',
      name,
      path: ['jobs', name],
      parts: [{ schema: jobBase, input: commonKeys(input) }, ...own],
    }
  })
  return [...plain('databases', databaseConfig), ...plain('services', serviceConfig), ...jobs]
}

export function schemasOf(section: Section): Schemas {
  return section.parts.map(({ schema }) => schema)
}

/** The entries that can be checked, also when the frame around them is broken. */
export function lenientFrame(tree: unknown): FileFrame {
  const group = (name: Group) =>
    Object.fromEntries(
      Object.entries(mappingOf(mappingOf(tree)[name])).map(([entry, input]) => [entry, mappingOf(input)]),
    )
  return { version: 1, databases: group('databases'), services: group('services'), jobs: group('jobs') }
}

/** What is wrong with the frame itself. */
export function checkFrame(tree: unknown): Finding[] {
  const result = fileFrame.safeParse(tree)
  if (result.success) return []
  return describeIssues(result.error.issues, { schemas: [fileFrame], input: tree, path: [] })
}

function mappingOf(value: unknown): Record<string, unknown> {
  const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isMapping ? { ...value } : {}
}

/** A job's keys without the common ones. */
export function ownKeys(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([key]) => !baseKeys.includes(key)))
}

/** The keys that every job has. */
export function commonKeys(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([key]) => baseKeys.includes(key)))
}

/** Everything wrong inside the sections, and with the names by which they mean each other. */
export function checkSections(sections: readonly Section[], kinds: readonly JobKindConfig[]): Finding[] {
  const jobs = sections.filter(({ group }) => group === 'jobs')
  return [
    ...sections.flatMap(checkSection),
    ...jobs.flatMap((job) => checkKind(job, kinds)),
    ...jobs.flatMap((job) => checkNames(job, sections)),
  ]
}

function checkSection(section: Section): Finding[] {
  return section.parts.flatMap(({ schema, input }) => {
    const result = schema.safeParse(input)
    if (result.success) return []
    return describeIssues(result.error.issues, { schemas: schemasOf(section), input, path: section.path })
  })
}

function checkKind(job: Section, kinds: readonly JobKindConfig[]): Finding[] {
  const name = writtenName(job, 'kind')
  if (name === undefined) return []
  const kind = kinds.find((candidate) => candidate.kind === name)
  if (kind?.service === 'required' && writtenName(job, 'service') === undefined)
    return [
      { path: [...job.path, 'service'], message: `required key is missing: ${name} asks a remote service` },
    ]
  if (kind !== undefined) return []
  const known = kinds.map((candidate) => candidate.kind)
  const message = `unknown kind ${JSON.stringify(name)}${suggest(name, known, 'known kinds')}`
  return [{ path: [...job.path, 'kind'], message }]
}

/** Whatever key it is: the schema says which values name an entry of which group. */
function checkNames(job: Section, sections: readonly Section[]): Finding[] {
  const values = job.parts.flatMap(({ schema, input }) => effectiveValues(schema, input, job.path))
  return values.flatMap(({ path, value, refersTo }) => {
    if (refersTo === undefined || typeof value !== 'string') return []
    const known = namesOf(sections, refersTo)
    if (known.includes(value)) return []
    const noun = refersTo === 'databases' ? 'database' : 'service'
    const message = `there is no ${noun} ${JSON.stringify(value)} under ${refersTo}${suggest(value, known)}`
    return [{ path, message }]
  })
}

function writtenName(job: Section, key: string): string | undefined {
  const common = job.parts[0]?.input as Readonly<Record<string, unknown>> | undefined
  const value = common?.[key]
  return typeof value === 'string' ? value : undefined
}

function namesOf(sections: readonly Section[], group: Group): readonly string[] {
  return sections.filter((section) => section.group === group).map(({ name }) => name)
}
