import { z } from 'zod'
import { databaseConfig, type JobKindConfig, serviceConfig } from './schema.ts'
import { fileFrame, jobBase } from './sections.ts'

type JsonSchema = z.core.JSONSchema.JSONSchema

/** The JSON Schema (draft 2020-12) of a configuration file, for editors: key names, types, defaults, descriptions. */
export function configJsonSchema(kinds: readonly JobKindConfig[]): object {
  const { base, ...file } = convert(kinds)
  const { anyOf, ...jobs } = entriesOf(file.jobs)
  const jobKinds = (anyOf ?? []).map((own, index) => mergeJob(base, own, kinds[index]))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'rowkeeper.yaml',
    ...file.rest,
    properties: {
      version: { const: 1, description: fileFrame.shape.version.description },
      databases: file.databases,
      services: file.services,
      jobs: { ...file.jobs, additionalProperties: { ...jobs, anyOf: jobKinds } },
    },
  }
}

interface Converted {
  readonly base: JsonSchema
  readonly databases: JsonSchema
  readonly services: JsonSchema
  readonly jobs: JsonSchema
  /** What belongs to the file as a whole: shared definitions and required keys. */
  readonly rest: JsonSchema
}

/** In one conversion, so that shared definitions keep their places. */
function convert(kinds: readonly JobKindConfig[]): Converted {
  const whole = z.strictObject({
    base: jobBase.exactOptional(),
    version: z.literal(1),
    databases: z.record(z.string(), databaseConfig).describe('Databases, by a name of your choice'),
    services: z.record(z.string(), serviceConfig).exactOptional().describe('Remote services, by name'),
    jobs: z
      .record(z.string(), z.union(kinds.map(({ schema }) => schema)))
      .exactOptional()
      .describe('Jobs, by name'),
  })
  const { properties = {}, ...rest } = z.toJSONSchema(whole, { io: 'input', unrepresentable: 'any' })
  const part = (name: string) => asSchema(properties[name])
  return {
    base: part('base'),
    databases: part('databases'),
    services: part('services'),
    jobs: part('jobs'),
    rest,
  }
}

/** Two strict objects cannot be combined with allOf: each refuses the keys of the other. */
function mergeJob(
  base: JsonSchema,
  own: z.core.JSONSchema._JSONSchema,
  kind: JobKindConfig | undefined,
): JsonSchema {
  const schema = asSchema(own)
  return {
    ...schema,
    properties: { ...base.properties, kind: { const: kind?.kind ?? '' }, ...schema.properties },
    required: [
      ...(base.required ?? []),
      ...(kind?.service === undefined ? [] : ['service']),
      ...(schema.required ?? []),
    ],
  }
}

function entriesOf(schema: JsonSchema): JsonSchema {
  return asSchema(schema.additionalProperties)
}

function asSchema(schema: z.core.JSONSchema._JSONSchema | undefined): JsonSchema {
  return typeof schema === 'object' ? schema : {}
}
