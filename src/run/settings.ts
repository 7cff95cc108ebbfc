import { readFileSync } from 'node:fs'
import { parseDatabaseUrl, tlsModeFor } from '../config/connection.ts'
import type { Config, DatabaseConfig, JobEntry, ServiceConfig } from '../config/schema.ts'
import type { TlsSettings } from '../db/connection.ts'
import type { DatabaseSettings } from '../db/database.ts'
import type { RemoteConfig } from '../http/remote.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { JobBinding } from './job.ts'

/** From the configuration's words to what the adapters take. */
export function databaseSettings(
  name: string,
  config: DatabaseConfig,
  runId: string | undefined,
): DatabaseSettings {
  const address = parseDatabaseUrl(config.url)
  return {
    name,
    target: {
      host: address.host,
      port: address.port,
      socketPath: address.socket,
      user: address.user,
      password: address.password,
      schema: address.database,
      tls: tlsSettings(config, tlsModeFor(address, config.tls.mode)),
      connectTimeoutMs: config.timeouts.connect,
      runId,
    },
    poolSize: config.poolSize,
    statementTimeoutMs: config.timeouts.statement,
    lockWaitMs: config.timeouts.lockWait,
  }
}

/** The schema of the control tables: configured, else the database of the URL. */
export function controlSchemaOf(config: DatabaseConfig): string {
  return config.controlSchema ?? parseDatabaseUrl(config.url).database
}

/** The schema the job's tables live in. */
export function schemaOf(config: DatabaseConfig): string {
  return parseDatabaseUrl(config.url).database
}

/** An entry under jobs with the entries it names. Throws `config.unknownDatabase` or `config.unknownService` (exit 78). */
export function bindJob({ databases, services }: Config, entry: JobEntry): JobBinding {
  const database = databases[entry.database]
  if (database === undefined) throw notConfigured('database', entry.database)
  const service = entry.service === undefined ? undefined : services[entry.service]
  if (entry.service !== undefined && service === undefined) throw notConfigured('service', entry.service)
  return {
    job: entry.name,
    input: entry.input,
    schema: schemaOf(database),
    database,
    databases,
    service,
  }
}

export function notConfigured(what: 'database' | 'service', name: string): RowkeeperError {
  return new RowkeeperError({
    code: `config.unknown${what === 'database' ? 'Database' : 'Service'}`,
    message: `The job names the ${what} ${name}, which is not configured.`,
    hint: 'rowkeeper config check',
    exitCode: exitCodes.badConfiguration,
  })
}

export function remoteConfig(name: string, config: ServiceConfig): RemoteConfig {
  const { baseUrl, auth, concurrency, ratePerSecond, timeouts, retries, breaker, cancel } = config
  return {
    name,
    baseUrl,
    ...(auth === undefined ? {} : { auth }),
    concurrency,
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    timeouts,
    retries,
    breaker,
    mutation: { timeouts: cancel?.timeouts ?? timeouts, concurrency: cancel?.concurrency ?? 1 },
  }
}

function tlsSettings(config: DatabaseConfig, mode: 'off' | TlsSettings['mode']): TlsSettings | undefined {
  if (mode === 'off') return undefined
  const { ca, cert, key } = config.tls
  return { mode, ca: readPem(ca), cert: readPem(cert), key: readPem(key) }
}

function readPem(path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new RowkeeperError({
      code: 'config.tlsFile',
      message: `The TLS file ${path} could not be read: ${cause instanceof Error ? cause.message : cause}.`,
      hint: 'Correct databases.*.tls, then run: rowkeeper config check',
      exitCode: exitCodes.inputMissing,
      cause,
    })
  }
}
