import type { Clock } from '../lib/clock.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'
import type { BreakerConfig, BreakerState } from '../resilience/breaker.ts'
import { createRate } from '../resilience/rate.ts'
import type { Answer } from './answer.ts'
import { createAsking, type Retrying } from './ask.ts'
import { type Auth, readCredentials } from './credentials.ts'
import type { Timeouts } from './exchange.ts'
import { createHold, type Hold } from './hold.ts'
import { type Circuit, createLane, type Lane, type LaneOptions } from './lane.ts'
import { createLatency, type Latency } from './latency.ts'
import { checkPath, parseBaseUrl } from './path.ts'

/** One remote service. Durations in milliseconds. */
export interface RemoteConfig {
  readonly name: string
  readonly baseUrl: string
  readonly auth?: Auth | undefined
  readonly concurrency: number
  /** Lookups and mutations together. Without it no limit, until the service answers 429. */
  readonly ratePerSecond?: number | undefined
  readonly timeouts: Timeouts
  /** Further attempts of a lookup after the first. */
  readonly retries: number
  readonly breaker: BreakerConfig
  /** Default 1 MiB, also after decompression. */
  readonly bodyLimitBytes?: number | undefined
  readonly mutation: {
    readonly timeouts: Timeouts
    /** Default 2. */
    readonly concurrency?: number | undefined
  }
}

/** What the next process should know, one database row for each circuit. */
export interface RemoteState {
  readonly lookup: BreakerSnapshot
  readonly mutation: BreakerSnapshot
}

export interface BreakerSnapshot {
  readonly state: BreakerState
  /** Opaque text for the next `createRemote`. */
  readonly saved: string
  /** ISO 8601: the service asked not to be called before. */
  readonly notBefore?: string
}

interface Signals {
  /** Ends the waits for a slot, for the rate and between attempts. */
  readonly stop: AbortSignal
  /** Cuts what is in flight. */
  readonly kill: AbortSignal
}

export interface LookupRequest extends Signals {
  /** Below baseUrl; from `renderPath`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
}

export interface MutationRequest extends Signals {
  readonly path: string
  readonly body: string
  /** Names in lower case. The content type is JSON unless given here. */
  readonly headers: Readonly<Record<string, string>>
}

/** Has no way to send anything but GET. */
export interface RemoteReader {
  /** Retries inside. Never rejects for what happened to this one request. */
  get(request: LookupRequest): Promise<Answer>
}

export interface RemoteWriter extends RemoteReader {
  /** Once on the wire, over a connection of its own. Asked again, once, only when surely not sent. */
  post(request: MutationRequest): Promise<Answer>
}

export type RemoteEvent =
  | ({ readonly type: 'retrying' } & Retrying)
  | {
      readonly type: 'breaker'
      readonly circuit: Circuit
      readonly from: BreakerState
      readonly to: BreakerState
    }
  | { readonly type: 'rateLimited'; readonly until: string }

/** What the right to write looks like from here; only the runner can make one. */
export interface WriterGrant {
  readonly isMinted: boolean
}

export interface Remote {
  readonly reader: RemoteReader
  openWriter(grant: WriterGrant): RemoteWriter
  readonly latency: Latency
  save(): RemoteState
  /** The service asked not to be called before; undefined when it may be. */
  notBefore(): Date | undefined
  /** Cuts what is still open. */
  close(): Promise<void>
}

export interface RemoteOptions {
  readonly config: RemoteConfig
  readonly clock: Clock
  readonly random: Random
  /** From `save` of an earlier process. */
  readonly state?: RemoteState | undefined
  readonly onEvent: (event: RemoteEvent) => void
}

/** Throws a configuration error for a bad base URL or credentials that no header can carry. Connects to nothing. */
export function createRemote(options: RemoteOptions): Remote {
  const base = parseBaseUrl(options.config.baseUrl, options.config.name)
  const credentials = readCredentials(options.config.auth, options.config.name)
  const { lookup, mutation, ask, hold, latency } = openLanes(options, { base, credentials })
  const standard = { ...standardHeaders, ...credentials.headers }

  const reader: RemoteReader = {
    async get({ path, query, stop, kill }) {
      const target = buildTarget(base.path, path, query)
      return ask(lookup, { method: 'GET', path: target, headers: standard, stop, kill })
    },
  }
  const post: RemoteWriter['post'] = async ({ path, body, headers, stop, kill }) => {
    const sent = { 'content-type': 'application/json', ...lowerCase(headers), ...standard }
    const target = buildTarget(base.path, path, undefined)
    return ask(mutation, { method: 'POST', path: target, headers: sent, body, stop, kill })
  }
  return {
    reader,
    openWriter(grant) {
      if (!grant.isMinted) throw noGrant(options.config.name)
      return { get: reader.get, post }
    },
    latency,
    save: () => ({ lookup: snapshot(lookup, hold), mutation: snapshot(mutation, hold) }),
    notBefore: () => hold.longerThan(0),
    async close() {
      await Promise.all([mutation.close(), lookup.close()])
    },
  }
}

/** Two lanes with a breaker each; the rate and the pause are the service's, so they share them. */
function openLanes(options: RemoteOptions, service: Pick<LaneOptions, 'base' | 'credentials'>) {
  const { config, clock, random, state, onEvent } = options
  const rate = createRate(config.ratePerSecond, clock)
  const latency = createLatency()
  const hold = createHold({
    clock,
    rate,
    savedNotBefore: latestNotBefore(state),
    onHold: (until) => onEvent({ type: 'rateLimited', until: until.toISOString() }),
  })
  const shared = { ...service, breaker: config.breaker, clock, rate, hold, latency }
  const open = (circuit: Circuit): Lane =>
    createLane({
      ...shared,
      ...chooseLimits(config, circuit),
      circuit,
      savedState: state?.[circuit].saved,
      onChange: (change) => onEvent({ type: 'breaker', circuit, ...change }),
    })
  const onRetry = (retrying: Retrying) => onEvent({ type: 'retrying', ...retrying })
  const ask = createAsking({ retries: config.retries, clock, random, rate, hold, onRetry })
  return { lookup: open('lookup'), mutation: open('mutation'), ask, hold, latency }
}

const standardHeaders = {
  accept: 'application/json',
  'accept-encoding': 'gzip, br',
  'user-agent': 'rowkeeper',
}
const DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024
const DEFAULT_MUTATION_CONCURRENCY = 2

function chooseLimits(config: RemoteConfig, circuit: Circuit) {
  const { bodyLimitBytes = DEFAULT_BODY_LIMIT_BYTES, mutation } = config
  if (circuit === 'lookup')
    return { concurrency: config.concurrency, timeouts: config.timeouts, bodyLimitBytes }
  const concurrency = mutation.concurrency ?? DEFAULT_MUTATION_CONCURRENCY
  return { concurrency, timeouts: mutation.timeouts, bodyLimitBytes }
}

function latestNotBefore(state: RemoteState | undefined): string | undefined {
  return [state?.lookup.notBefore, state?.mutation.notBefore]
    .filter((text) => text !== undefined)
    .sort()
    .at(-1)
}

function snapshot({ breaker }: Lane, hold: Hold): BreakerSnapshot {
  const notBefore = hold.longerThan(0)?.toISOString()
  return { state: breaker.state(), saved: breaker.save(), ...(notBefore === undefined ? {} : { notBefore }) }
}

function buildTarget(basePath: string, path: string, query: LookupRequest['query']): string {
  checkPath(path)
  return query === undefined ? basePath + path : `${basePath}${path}?${new URLSearchParams(query)}`
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function noGrant(service: string): RowkeeperError {
  return new RowkeeperError({
    code: 'bug.noGrant',
    message: `A writer for service ${service} was opened without a grant.`,
    exitCode: exitCodes.bug,
  })
}
