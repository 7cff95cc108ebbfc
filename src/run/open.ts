import { type Database, openDatabase } from '../db/database.ts'
import { readServerTime } from '../db/server.ts'
import { createRemote, type Remote, type RemoteEvent } from '../http/remote.ts'
import type { Control, PlanContext } from './context.ts'
import { readControl } from './control.ts'
import type { RunEvent } from './events.ts'
import type { Launch } from './launch.ts'
import type { Releases } from './releases.ts'
import { createReplicaReader, type OpenedDestination, openDestination } from './second-database.ts'
import { databaseSettings, notConfigured, remoteConfig } from './settings.ts'
import { selectBreaker } from './sql.ts'

/** The reading half of a run: database, control tables, service, and the one "now". */
export interface Opened {
  readonly context: PlanContext
  readonly database: Database
  readonly remote: Remote | undefined
  readonly destination: OpenedDestination | undefined
}

export async function openLaunch(launch: Launch, runId: string, releases: Releases): Promise<Opened> {
  const { entry, config, surroundings } = launch
  const databaseConfig = config.databases[entry.database]
  if (databaseConfig === undefined) throw notConfigured('database', entry.database)
  const database = await openDatabase({
    settings: databaseSettings(entry.database, databaseConfig, runId),
    clock: surroundings.clock,
    kill: surroundings.control.kill,
  })
  releases.add(database.close)
  const asOf = await database.read(readServerTime)
  const control = await readControl(database, config, entry.database)
  const remote = await openRemote(launch, { database, control }, releases)
  const destination = await openDestination(launch, runId, releases)
  const context: PlanContext = {
    job: entry.name,
    runId,
    asOf,
    server: database.server,
    control,
    read: database.read,
    readReplica: createReplicaReader(launch, runId, releases),
    destination: destination?.plan,
    service:
      remote && entry.service !== undefined
        ? { name: entry.service, reader: remote.reader, latency: remote.latency }
        : undefined,
    clock: surroundings.clock,
    random: surroundings.random,
    emit: surroundings.emit,
    stop: surroundings.control.stop,
    kill: surroundings.control.kill,
    limit: launch.limit,
  }
  return { context, database, remote, destination }
}

async function openRemote(
  { entry, config, surroundings }: Launch,
  { database, control }: { database: Database; control: Control },
  releases: Releases,
): Promise<Remote | undefined> {
  if (entry.service === undefined) return undefined
  const serviceConfig = config.services[entry.service]
  if (serviceConfig === undefined) throw notConfigured('service', entry.service)
  const name = entry.service
  const saved = control.isInstalled
    ? await database.read((session) => session.rows(selectBreaker(control.schema, name)))
    : []
  const remote = createRemote({
    config: remoteConfig(name, serviceConfig),
    clock: surroundings.clock,
    random: surroundings.random,
    ...(saved[0] === undefined ? {} : { state: JSON.parse(String(saved[0].state)) }),
    onEvent: (event) => surroundings.emit(toRunEvent(name, event)),
  })
  releases.add(remote.close)
  return remote
}

function toRunEvent(service: string, event: RemoteEvent): RunEvent {
  switch (event.type) {
    case 'retrying': {
      const { circuit, attempts: attempt, delayMs, reason: why } = event
      return { type: 'retrying', what: `${circuit} at ${service}`, attempt, delayMs, why }
    }
    case 'breaker':
      return { type: 'breakerChanged', service, circuit: event.circuit, from: event.from, to: event.to }
    case 'rateLimited': {
      const message = `${service} asked us to wait until ${event.until}.`
      return { type: 'warning', warning: { code: 'service.rateLimited', message } }
    }
  }
}
