import type { Clock } from '../lib/clock.ts'
import {
  type Breaker,
  type BreakerConfig,
  type BreakerOptions,
  createBreaker,
} from '../resilience/breaker.ts'
import { createBulkhead } from '../resilience/bulkhead.ts'
import type { Rate } from '../resilience/rate.ts'
import type { Answer } from './answer.ts'
import type { Credentials } from './credentials.ts'
import { createExchange, type Timeouts, type WireRequest } from './exchange.ts'
import { classifyFailure } from './failures.ts'
import type { Hold } from './hold.ts'
import type { Latency } from './latency.ts'
import type { BaseUrl } from './path.ts'
import { readResponse } from './response.ts'
import { isThrottled, judgeHealth } from './verdict.ts'

/** Lookups and mutations fail apart: reads may be fine while refunds fail. */
export type Circuit = 'lookup' | 'mutation'

export interface LaneOptions {
  readonly circuit: Circuit
  readonly base: BaseUrl
  readonly concurrency: number
  readonly timeouts: Timeouts
  readonly bodyLimitBytes: number
  readonly breaker: BreakerConfig
  readonly savedState?: string | undefined
  readonly clock: Clock
  readonly rate: Rate
  readonly hold: Hold
  readonly credentials: Credentials
  readonly latency: Latency
  readonly onChange: BreakerOptions['onChange']
}

export interface LaneRequest extends WireRequest {
  /** Ends every wait before the request is sent. */
  readonly stop: AbortSignal
}

/** The way of one kind of request to the service: slot, rate, breaker, wire. */
export interface Lane {
  readonly circuit: Circuit
  readonly timeouts: Timeouts
  readonly breaker: Breaker
  /** One attempt, or the reason why none was made. `attempts` counts those before. */
  ask(request: LaneRequest, attempts: number): Promise<Answer>
  close(): Promise<void>
}

export function createLane(options: LaneOptions): Lane {
  const { base, circuit, concurrency, timeouts, clock, rate } = options
  const bulkhead = createBulkhead(concurrency)
  const breaker = createBreaker({ ...options, config: options.breaker })
  const exchange = createExchange({
    ...options,
    origin: base.origin,
    connections: concurrency,
    connection: circuit === 'mutation' ? 'fresh' : 'kept',
  })
  const context = {
    timeouts,
    bodyLimitBytes: options.bodyLimitBytes,
    host: base.host,
    origin: base.origin,
    now: clock.now,
    mask: options.credentials.mask,
  }

  const holdBack = (attempts: number): Answer | undefined => {
    const until = options.hold.longerThan(timeouts.total)?.toISOString()
    if (until === undefined) return undefined
    const reason = `${base.host} asked us to wait until ${until}`
    return { kind: 'held', cause: 'rateLimited', until, reason, durationMs: 0, attempts }
  }

  const send = async (request: LaneRequest, attempts: number): Promise<Answer> => {
    const exchanged = await exchange.send(request)
    if (exchanged.kind === 'broken') return classifyFailure(exchanged, attempts + 1, context)
    options.latency.record(exchanged.durationMs)
    const answer = readResponse(exchanged, attempts + 1, context)
    // Here, before the slot is free: whoever waits for it must know of the pause.
    if (answer.kind === 'answered' && isThrottled(answer) && answer.retryAfterMs !== undefined)
      options.hold.extend(answer.retryAfterMs)
    return answer
  }

  const sendInTurn = async (request: LaneRequest, attempts: number): Promise<Answer> => {
    try {
      await rate.take(request.stop, timeouts.total)
    } catch (error) {
      if (request.stop.aborted) return stoppedBeforeSending(attempts)
      throw error
    }
    return holdBack(attempts) ?? send(request, attempts)
  }

  const askInSlot = async (request: LaneRequest, attempts: number): Promise<Answer> => {
    const held = holdBack(attempts)
    if (held !== undefined) return held
    const work = () => sendInTurn(request, attempts)
    const run = await breaker.run({ work, judge: judgeHealth, signal: request.stop })
    return run.ran ? run.value : describeOpenBreaker(run.until, base.host, attempts)
  }

  return {
    circuit,
    timeouts,
    breaker,
    async ask(request, attempts) {
      const held = holdBack(attempts)
      if (held !== undefined) return held
      try {
        return await bulkhead.run(() => askInSlot(request, attempts), request.stop)
      } catch (error) {
        // Both waits of this path, for a slot and for a probe, reject with the signal's reason and nothing is sent yet.
        if (request.stop.aborted && error === request.stop.reason) return stoppedBeforeSending(attempts)
        throw error
      }
    },
    close: exchange.close,
  }
}

function stoppedBeforeSending(attempts: number): Answer {
  const reason = 'stopped before the request was sent'
  return { kind: 'notSent', cause: 'aborted', reason, durationMs: 0, attempts }
}

function describeOpenBreaker(until: Date, host: string, attempts: number): Answer {
  const at = until.toISOString()
  const reason = `${host} failed too often; the next try is at ${at}`
  return { kind: 'held', cause: 'breakerOpen', until: at, reason, durationMs: 0, attempts }
}
