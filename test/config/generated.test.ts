import { expect, test } from 'vitest'
import { z } from 'zod'
import { duration, identifier } from '../../src/config/fields.ts'
import { initialConfig } from '../../src/config/init.ts'
import { configJsonSchema } from '../../src/config/json-schema.ts'
import { parseConfig } from '../../src/config/load.ts'
import { configReference } from '../../src/config/reference.ts'
import type { JobKindConfig } from '../../src/config/schema.ts'
import { environment, sweepKind } from './sample.ts'

const reconcileLike: JobKindConfig = {
  kind: 'reconcile',
  schema: z.looseObject({ table: identifier, grace: duration, lookBack: duration }),
  service: 'required',
}

test('the first configuration loads once its variables are set, without warnings', () => {
  const loaded = parseConfig({
    text: initialConfig(),
    fileName: 'rowkeeper.yaml',
    environment,
    readSecretFile: () => '',
    kinds: [reconcileLike],
  })
  expect(Object.keys(loaded.config.jobs)).toEqual(['payments'])
  expect(loaded.warnings).toEqual([])
  expect(initialConfig()).toMatch(/^# yaml-language-server: \$schema=\.\/rowkeeper\.schema\.json\n/)
})

test('the JSON Schema knows each kind with its own and the common keys', () => {
  const schema = configJsonSchema([sweepKind, reconcileLike])
  const kinds = z
    .object({
      properties: z.object({
        jobs: z.object({
          additionalProperties: z.object({
            anyOf: z.array(
              z.object({ properties: z.record(z.string(), z.unknown()), required: z.array(z.string()) }),
            ),
          }),
        }),
      }),
    })
    .parse(schema).properties.jobs.additionalProperties.anyOf
  expect(kinds[0]?.properties.kind).toEqual({ const: 'sweep' })
  expect(kinds[0]?.properties.grace).toMatchObject({ type: 'string', default: '5m' })
  expect(kinds[0]?.required).toEqual(['kind', 'database', 'table'])
  expect(kinds[1]?.required).toContain('service')
  expect(JSON.stringify(schema)).toContain('"enum":["off","verify","verify-ca"]')
})

test('every reference inside the JSON Schema can be followed', () => {
  const schema = z
    .looseObject({ $defs: z.record(z.string(), z.unknown()) })
    .parse(configJsonSchema([sweepKind]))
  const names = [...JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map(
    (match) => match[1] ?? '',
  )
  expect(names.length).toBeGreaterThan(0)
  expect(names.filter((name) => !(name in schema.$defs))).toEqual([])
})

test('the reference lists every key with type, default and meaning', () => {
  const lines = configReference([sweepKind]).split('\n')
  expect(lines).toContain('| `grace` | duration | `5m` | How long a row is left alone |')
  expect(lines).toContain('| `table` | name | required | The table to sweep |')
  expect(lines).toContain('| `limits.maxRows` | whole number | `500` |  |')
  expect(lines).toContain('| `mode` | auto \\| review \\| off | `review` |  |')
  expect(lines).toContain('| `lookup.temporary[].status` | HTTP status | required |  |')
})
