import {
  BrokenCircuitError,
  CircuitState,
  CountBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhenResult,
  noJitterGenerator,
} from 'cockatiel'
import type { Clock } from '../lib/clock.ts'
import { onAbort } from './wait.ts'

export type BreakerState = 'closed' | 'open' | 'halfOpen'

export interface BreakerConfig {
  /** Results looked back on. */
  readonly window: number
  /** Results needed before it may open. */
  readonly minimum: number
  /** Opens above this share of failures, 0…1. */
  readonly failureRatio: number
  /** Milliseconds until the first probe; doubles with each failed probe, up to ten times. */
  readonly openFor: number
}

/** What a result says about the health of the host. `neither`: it was our doing (an abort). */
export type Verdict = 'success' | 'failure' | 'neither'

export type BreakerRun<T> =
  | { readonly ran: true; readonly value: T }
  | { readonly ran: false; readonly until: Date }

export interface BreakerRequest<T> {
  readonly work: () => Promise<T>
  readonly judge: (value: T) => Verdict
  /** Ends the wait for somebody else's probe; rejects with its reason. */
  readonly signal: AbortSignal
}

export interface Breaker {
  /** Does the work, or says when asking makes sense again. While half open, one probes and the others wait for it. */
  run<T>(request: BreakerRequest<T>): Promise<BreakerRun<T>>
  state(): BreakerState
  /** Text for `savedState` of a later process. */
  save(): string
}

export interface BreakerOptions {
  readonly config: BreakerConfig
  readonly clock: Clock
  readonly savedState?: string | undefined
  readonly onChange: (change: { readonly from: BreakerState; readonly to: BreakerState }) => void
}

const LONGEST_OPEN = 10
// Older results of a closed breaker say nothing about the host of today.
const FORGET_CLOSED_AFTER = 10

/** A circuit breaker over a window of results, whose state outlives the process. */
export function createBreaker({ config, clock, savedState, onChange }: BreakerOptions): Breaker {
  const policy = circuitBreaker(handleWhenResult(isFailure), {
    halfOpenAfter: new ExponentialBackoff({
      initialDelay: config.openFor,
      maxDelay: config.openFor * LONGEST_OPEN,
      generator: noJitterGenerator,
    }),
    breaker: createWindow(config),
    initialState: restore({ config, clock, savedState }),
  })
  let last = stateNames[policy.state]
  policy.onStateChange((state) => {
    const from = last
    last = stateNames[state]
    onChange({ from, to: last })
  })

  const weigh = async <T>({
    work,
    judge,
  }: Pick<BreakerRequest<T>, 'work' | 'judge'>): Promise<Weighed<T>> => {
    const value = await work()
    const verdict = judge(value)
    if (verdict !== 'neither') return { value, failed: verdict === 'failure' }
    // An aborted probe proved nothing: the circuit opens again. A closed circuit does not count it.
    if (policy.state === CircuitState.HalfOpen) return { value, failed: true }
    throw new Uncounted(value)
  }

  /** Leaves only while waiting for somebody else's probe: work that has begun is never disowned. */
  const execute = <T>(request: BreakerRequest<T>): Promise<Weighed<T>> =>
    new Promise((resolve, reject) => {
      let left = false
      const forget = onAbort(request.signal, () => {
        left = true
        reject(request.signal.reason)
      })
      const begin = (): Promise<Weighed<T | undefined>> => {
        forget()
        return left ? weigh({ work: async () => undefined, judge: () => 'neither' }) : weigh(request)
      }
      policy
        .execute(begin)
        .finally(forget)
        .then((weighed) => resolve(weighed as Weighed<T>), reject)
    })

  return {
    async run<T>(request: BreakerRequest<T>): Promise<BreakerRun<T>> {
      try {
        const waits = policy.state === CircuitState.HalfOpen
        const { value } = await (waits ? execute(request) : policy.execute(() => weigh(request)))
        return { ran: true, value }
      } catch (error) {
        if (error instanceof Uncounted) return { ran: true, value: error.value as T }
        if (error instanceof BrokenCircuitError)
          return { ran: false, until: openUntil(policy.toJSON(), config) }
        throw error
      }
    },
    state: () => stateNames[policy.state],
    save: () => JSON.stringify({ savedAt: clock.now().toISOString(), policy: policy.toJSON() }),
  }
}

interface Weighed<T> {
  readonly value: T
  readonly failed: boolean
}

/** Cockatiel counts what is returned; a throw passes by its window. */
class Uncounted extends Error {
  readonly value: unknown

  constructor(value: unknown) {
    super('not counted')
    this.value = value
  }
}

function isFailure(result: unknown): boolean {
  return (result as Weighed<unknown>).failed
}

function createWindow({ window, minimum, failureRatio }: BreakerConfig): CountBreaker {
  // Cockatiel refuses a threshold of 1, and opens only above the threshold, so 1 would never open.
  const threshold = Math.min(failureRatio, 0.999)
  return new CountBreaker({ size: window, threshold, minimumNumberOfCalls: Math.min(minimum, window) })
}

const stateNames: Record<CircuitState, BreakerState> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'halfOpen',
  [CircuitState.Isolated]: 'open',
}

/** The part of cockatiel's state this file reads and writes. */
interface PolicyState {
  readonly ownState: { readonly value: CircuitState; readonly openedAt?: number; readonly attemptNo?: number }
  readonly breakerState: { readonly samples: readonly unknown[] }
}

function openUntil(state: unknown, { openFor }: BreakerConfig): Date {
  const { openedAt = 0, attemptNo = 1 } = (state as PolicyState).ownState
  return new Date(openedAt + openFor * Math.min(2 ** (attemptNo - 1), LONGEST_OPEN))
}

/**
 * Cockatiel reads the wall clock, as it must across processes. Kept in bounds: a moment of opening that lies in the
 * future (the clock was set back) becomes now; a window of another size, old results and unreadable text start afresh.
 */
function restore({ config, clock, savedState }: Omit<BreakerOptions, 'onChange'>): PolicyState | undefined {
  const saved = parseSaved(savedState)
  if (saved === undefined) return undefined
  const now = clock.now().getTime()
  const { ownState, breakerState } = saved.policy
  const age = now - Date.parse(saved.savedAt)
  const sameWindow = breakerState.samples.length === config.window
  if (ownState.value === CircuitState.Closed) {
    return sameWindow && age < config.openFor * FORGET_CLOSED_AFTER ? saved.policy : undefined
  }
  const opened = { ...ownState, openedAt: Math.min(ownState.openedAt ?? 0, now) }
  return {
    ownState: opened,
    breakerState: sameWindow ? breakerState : (createWindow(config).state as PolicyState['breakerState']),
  }
}

function parseSaved(text: string | undefined): { savedAt: string; policy: PolicyState } | undefined {
  try {
    const saved: unknown = JSON.parse(text ?? '')
    return isSaved(saved) ? saved : undefined
  } catch {
    return undefined
  }
}

function isSaved(saved: unknown): saved is { savedAt: string; policy: PolicyState } {
  if (typeof saved !== 'object' || saved === null || !('savedAt' in saved) || !('policy' in saved))
    return false
  const policy = saved.policy as Partial<PolicyState> | null
  return (
    typeof saved.savedAt === 'string' &&
    typeof policy?.ownState?.value === 'number' &&
    policy.ownState.value in stateNames &&
    Array.isArray(policy.breakerState?.samples)
  )
}
