import type { Clock } from '../../lib/clock.ts'
import type { FaultKind } from './faults.ts'

/** One request, in the order in which requests arrived. */
export interface LogEntry {
  /** 1, 2, 3, … over all requests; also the end of the answer's X-Request-Id. */
  readonly sequence: number
  /** When the request's head had arrived. */
  readonly at: Date
  readonly method: string
  readonly path: string
  readonly idempotencyKey: string | undefined
  /** SHA-256 of the decoded body, hexadecimal; undefined without a body. */
  readonly bodyHash: string | undefined
  readonly paymentId: string | undefined
  /** This request itself changed something: it created a payment, or moved or promised to move money. */
  readonly effective: boolean
  /** Answered from the store of idempotency keys. */
  readonly replayed: boolean
  readonly fault: FaultKind | undefined
  /** Status of the answer as sent; undefined when no head was sent. */
  readonly status: number | undefined
}

export interface RequestCounts {
  readonly requests: number
  readonly lookups: number
  readonly mutations: number
  /** Requests open now, and the most that were open at once. */
  readonly open: number
  readonly mostOpen: number
}

/** An entry while its request is open. */
export type OpenEntry = { -readonly [Member in keyof LogEntry]: LogEntry[Member] }

export interface RequestLog {
  receive(request: Pick<LogEntry, 'method' | 'path' | 'idempotencyKey'>): OpenEntry
  finish(): void
  counts(): RequestCounts
  /** Requests that are no GET or HEAD: all of them. */
  mutations(): readonly LogEntry[]
  /** Everything that is kept, oldest first: all mutations and the last look-ups. */
  entries(): readonly LogEntry[]
}

/** A million look-ups must not fill the memory; a mutation is evidence and is never dropped. */
const KEPT_LOOKUPS = 100_000

export function createRequestLog(clock: Clock): RequestLog {
  const mutations: LogEntry[] = []
  const lookups: LogEntry[] = []
  const counts = { requests: 0, lookups: 0, mutations: 0, open: 0, mostOpen: 0 }

  const keep = (entry: LogEntry) => {
    if (isMutation(entry.method)) {
      counts.mutations = mutations.push(entry)
      return
    }
    lookups[counts.lookups % KEPT_LOOKUPS] = entry
    counts.lookups += 1
  }

  return {
    receive(request) {
      counts.requests += 1
      counts.open += 1
      counts.mostOpen = Math.max(counts.mostOpen, counts.open)
      const entry = openEntry(counts.requests, clock.now(), request)
      keep(entry)
      return entry
    },
    finish() {
      counts.open -= 1
    },
    counts: () => ({ ...counts }),
    mutations: () => [...mutations],
    entries: () => [...mutations, ...lookups].sort((one, other) => one.sequence - other.sequence),
  }
}

const isMutation = (method: string): boolean => method !== 'GET' && method !== 'HEAD'

function openEntry(
  sequence: number,
  at: Date,
  request: Pick<LogEntry, 'method' | 'path' | 'idempotencyKey'>,
): OpenEntry {
  return {
    sequence,
    at,
    method: request.method,
    path: request.path,
    idempotencyKey: request.idempotencyKey,
    bodyHash: undefined,
    paymentId: undefined,
    effective: false,
    replayed: false,
    fault: undefined,
    status: undefined,
  }
}
