import type { Clock } from '../../lib/clock.ts'
import type { FaultBoard } from './faults.ts'
import type { IdempotencyKeys } from './idempotency.ts'
import type { Payments } from './payments.ts'
import type { RequestLog } from './request-log.ts'

/** What all requests of one provider share. */
export interface Context {
  readonly clock: Clock
  readonly payments: Payments
  readonly log: RequestLog
  readonly faults: FaultBoard
  readonly keys: IdempotencyKeys
  readonly token: string | undefined
  readonly latencyMs: number
  readonly transactionProbe: (() => Promise<void>) | undefined
  /** Begins every X-Request-Id, so that ids of two providers differ. */
  readonly requestPrefix: string
  /** Aborts when the provider stops. */
  readonly stopped: AbortSignal
}
