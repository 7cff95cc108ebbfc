import { z } from 'zod'
import { databaseConfig, type JobKindConfig, serviceConfig } from './schema.ts'
import { branches, defaultOf, descriptionOf, fieldKindOf, isOptional } from './schema-walk.ts'
import { jobBase } from './sections.ts'

/** Every key with its type, default and meaning, as Markdown. */
export function configReference(kinds: readonly JobKindConfig[]): string {
  return [
    '# Configuration reference',
    'One YAML 1.2 file, `./rowkeeper.yaml` or the one named with `--config`. Its first key is `version: 1`; ' +
      'entries under `databases`, `services` and `jobs` have names of your choice.',
    `Inside any text, \`\${env:NAME}\`, \`\${env:NAME:-default}\` and \`\${file:path}\` stand for a value kept elsewhere.`,
    'Durations carry a unit: `500ms`, `5s`, `10m`, `24h`, `30 days`. Periods are counted on the calendar: `13 months`, `2 years`, `90 days`.',
    section('databases.<name>', databaseConfig),
    section('services.<name>', serviceConfig),
    section('jobs.<name>, every kind', jobBase),
    ...kinds.map(({ kind, schema }) => section(`jobs.<name>, kind: ${kind}`, schema)),
  ]
    .join('\n\n')
    .concat('\n')
}

interface Row {
  readonly key: string
  readonly type: string
  readonly fallback: string
  readonly description: string
}

function section(title: string, schema: z.ZodType): string {
  const rows = branches(schema).flatMap((branch) => rowsBelow(branch, ''))
  const lines = rows.map(({ key, type, fallback, description }) =>
    ['', `\`${key}\``, type, fallback, description, ''].map(escapeCell).join(' | ').trim(),
  )
  return [`## \`${title}\``, '', '| Key | Type | Default | Meaning |', '|---|---|---|---|', ...lines].join(
    '\n',
  )
}

function rowsBelow(schema: z.ZodType, prefix: string): Row[] {
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([key, child]) =>
      rowsOf(child as z.ZodType, `${prefix}${key}`),
    )
  if (schema instanceof z.ZodRecord)
    return branches(schema.def.valueType as z.ZodType).flatMap((branch) =>
      rowsBelow(branch, `${prefix}<name>.`),
    )
  if (schema instanceof z.ZodArray)
    return branches(schema.def.element as z.ZodType).flatMap((branch) => rowsBelow(branch, `${prefix}[].`))
  return []
}

function rowsOf(schema: z.ZodType, key: string): Row[] {
  const own = { key, type: typeOf(schema), fallback: fallbackOf(schema), description: descriptionOf(schema) }
  const isLeaf = fieldKindOf(schema) !== undefined
  const below = isLeaf
    ? []
    : branches(schema).flatMap((branch) => rowsBelow(branch, childPrefix(branch, key)))
  const isSilent = below.length > 0 && own.description === ''
  return isSilent ? below : [own, ...below]
}

function childPrefix(branch: z.ZodType, key: string): string {
  return branch instanceof z.ZodArray ? key : `${key}.`
}

function typeOf(schema: z.ZodType): string {
  const kind = fieldKindOf(schema)
  if (kind !== undefined) return kind.kind
  const types = branches(schema).map((branch) => {
    if (branch instanceof z.ZodArray) return `list of ${typeOf(branch.def.element as z.ZodType)}`
    if (branch instanceof z.ZodObject) return 'mapping'
    if (branch instanceof z.ZodRecord)
      return `mapping of names to ${typeOf(branch.def.valueType as z.ZodType)}`
    if (branch instanceof z.ZodNumber) return 'number'
    return branch instanceof z.ZodString ? 'text' : 'any'
  })
  return [...new Set(types)].join(' or ')
}

function fallbackOf(schema: z.ZodType): string {
  const fallback = defaultOf(schema)
  if (fallback === undefined) return isOptional(schema) ? 'none' : 'required'
  if (typeof fallback === 'string') return fallback === '' ? 'empty' : `\`${fallback}\``
  return typeof fallback === 'object' && Object.keys(fallback ?? {}).length === 0
    ? 'empty'
    : `\`${JSON.stringify(fallback)}\``
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|')
}
