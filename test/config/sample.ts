import { z } from 'zod'
import {
  count,
  databaseReference,
  decimalText,
  duration,
  identifier,
  period,
  predicate,
  ratio,
} from '../../src/config/fields.ts'
import { type LoadedConfig, parseConfig } from '../../src/config/load.ts'
import type { JobKindConfig } from '../../src/config/schema.ts'
import { exitCodes, RowkeeperError } from '../../src/lib/errors.ts'

/** A small kind of job with one key of each sort. */
export const sweepKind: JobKindConfig = {
  kind: 'sweep',
  schema: z.strictObject({
    table: identifier.describe('The table to sweep'),
    grace: duration.prefault('5m').describe('How long a row is left alone'),
    share: ratio.prefault('2%'),
    where: predicate.prefault(''),
    limits: z
      .strictObject({
        maxRows: count.prefault(500),
        maxAmount: z.record(z.string(), decimalText).exactOptional(),
      })
      .prefault({}),
    into: z
      .strictObject({ database: databaseReference.exactOptional(), keep: period.exactOptional() })
      .exactOptional(),
    mode: z.enum(['auto', 'review', 'off']).prefault('review'),
    dryAtNight: z.boolean().prefault(false),
  }),
}

export const environment = {
  SHOP_URL: 'mysql://app:s3cr3t-word@127.0.0.1:3306/shop',
  PAY_TOKEN: 'tok_live_abcdef',
}

export const sample = `version: 1
databases:
  shop:
    url: \${env:SHOP_URL}
    dateTimeZone: Asia/Seoul
services:
  pay:
    baseUrl: http://127.0.0.1:4010
    auth: { bearer: "\${env:PAY_TOKEN}" }
    lookup:
      get: /payments/{reference}
      read: { id: /id, reference: /orderId, status: /status, amount: /amount }
      statuses: { PAID: paid, PENDING: pending }
jobs:
  payments:
    kind: sweep
    database: shop
    service: pay
    table: payments
    grace: 10m
`

/** The sample with one job key replaced or added. */
export function sampleWith(line: string): string {
  return `${sample}    ${line}\n`
}

export interface Given {
  readonly environment?: NodeJS.ProcessEnv
  readonly files?: Readonly<Record<string, string>>
}

export function parse(text: string, given: Given = {}): LoadedConfig {
  return parseConfig({
    text,
    fileName: 'rowkeeper.yaml',
    environment: given.environment ?? environment,
    readSecretFile: (path) => readGiven(path, given.files ?? {}),
    kinds: [sweepKind],
  })
}

/** What a failing parse says, line by line, and how the process would end. */
export function failureOf(work: () => unknown): { lines: string[]; exitCode: number; code: string } {
  try {
    work()
  } catch (error) {
    if (!(error instanceof RowkeeperError)) throw error
    return { lines: error.message.split('\n').slice(1), exitCode: error.exitCode, code: error.code }
  }
  throw new Error('expected a failure, and there was none')
}

function readGiven(path: string, files: Readonly<Record<string, string>>): string {
  const text = files[path]
  if (text !== undefined) return text
  throw new RowkeeperError({
    code: 'config.secretFile',
    message: `the file ${path} cannot be read: there is no such file`,
    exitCode: exitCodes.badConfiguration,
  })
}
