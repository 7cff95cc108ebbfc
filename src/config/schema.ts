import { z } from 'zod'
import { RowkeeperError } from '../lib/errors.ts'
import { parseDatabaseUrl } from './connection.ts'
import {
  checkText,
  fieldKinds,
  identifier,
  positiveCount,
  positiveDuration,
  type Schedule,
  timeZone,
} from './fields.ts'
import type { ServiceConfig } from './service-schema.ts'

export { type ServiceConfig, serviceConfig } from './service-schema.ts'

const databaseUrl = checkText(findDatabaseUrlProblem).register(fieldKinds, {
  kind: 'database URL',
  secrecy: 'url',
})

/** Empty stands for none, so that `${env:SHOP_REPLICA_URL:-}` can switch it on. */
const optionalDatabaseUrl = checkText((text) => (text === '' ? undefined : findDatabaseUrlProblem(text)))
  .transform((text) => (text === '' ? undefined : text))
  .register(fieldKinds, { kind: 'database URL', secrecy: 'url' })

const filePath = z.string().register(fieldKinds, { kind: 'file path', secrecy: 'plain' })

export const databaseConfig = z.strictObject({
  url: databaseUrl.describe('mysql://user:password@host:3306/database, or with ?socket=/path'),
  replica: optionalDatabaseUrl
    .prefault('')
    .describe('Only for reads that tolerate lag, never for a decision about a row. Empty: none'),
  poolSize: positiveCount.prefault(4).describe('Connections kept at most'),
  tls: z
    .strictObject({
      mode: z
        .enum(['off', 'verify', 'verify-ca'])
        .exactOptional()
        .describe('Without it: off on loopback and sockets, verify elsewhere'),
      ca: filePath.exactOptional().describe('File with the certificate authority, PEM'),
      cert: filePath.exactOptional().describe('File with our certificate, PEM'),
      key: filePath.exactOptional().describe('File with our key, PEM'),
    })
    .prefault({}),
  dateTimeZone: timeZone
    .prefault('UTC')
    .describe('The zone in which the application writes DATETIME columns'),
  controlSchema: identifier
    .exactOptional()
    .describe('Where the rowkeeper_ tables live. Without it: the database of the url'),
  timeouts: z
    .strictObject({
      connect: positiveDuration.prefault('5s').describe('To open a connection'),
      statement: positiveDuration.prefault('60s').describe('For one statement'),
      lockWait: positiveDuration.prefault('5s').describe('For a row or table lock'),
    })
    .prefault({}),
})

export type DatabaseConfig = z.output<typeof databaseConfig>

/** What a kind of job adds: its name, and all keys of its own. The common ones are not among them. */
export interface JobKindConfig {
  readonly kind: string
  /** A strict object. */
  readonly schema: z.ZodType
  /** The kind cannot work without a remote service. */
  readonly service?: 'required'
}

export interface JobEntry {
  readonly name: string
  readonly kind: string
  readonly schedule?: Schedule
  readonly database: string
  readonly service?: string
  /** The job's own keys: references filled in, checked against the kind's schema, not yet parsed by it. */
  readonly input: unknown
}

export interface Config {
  readonly databases: Readonly<Record<string, DatabaseConfig>>
  readonly services: Readonly<Record<string, ServiceConfig>>
  readonly jobs: Readonly<Record<string, JobEntry>>
  /**
   * SHA-256 (hexadecimal) of one job's effective configuration, its database and its service included, secrets
   * left out: a new password changes nothing, another host does.
   */
  readonly hash: (jobName: string) => string
}

function findDatabaseUrlProblem(text: string): string | undefined {
  try {
    parseDatabaseUrl(text)
    return undefined
  } catch (error) {
    if (!(error instanceof RowkeeperError)) throw error
    return `${error.message} ${error.hint ?? ''}`.trim()
  }
}
