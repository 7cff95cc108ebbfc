import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'

/** The request is received and logged, but nothing is done for it. */
export const unprocessedKinds = [
  'resetBefore', // TCP reset
  'closeBefore', // orderly end of the connection
  'hang', // no answer until the provider stops
  'statusBefore',
  'notFoundThenLate', // 404 while the fault lasts, the truth afterwards: use `times` or `lastsMs`
  'replayForeign', // the stored answer of another order, marked as a replay
] as const

/** The work is done; the answer is lost on its way, or hard to receive. */
export const wireKinds = [
  'resetAfter',
  'closeAfter',
  'hangAfter',
  'slowHeaders',
  'slowDrip',
  'bodyStall', // half of the body, then silence
  'truncatedBody', // half of the body, then the end of the connection
  'garbageProtocol', // not HTTP
  'hugeBody',
] as const

/** The work is done; the answer says something else. */
export const answerKinds = [
  'statusAfter',
  'invalidJson',
  'html200',
  'empty200',
  'noContent204',
  'byteOrderMark',
  'wrongContentType',
  'redirect302',
  'hugeHeader',
] as const

/** The work is done; the payment in the answer is not the payment. */
export const paymentKinds = [
  'wrongEcho', // id and order of another payment
  'wrongAmount', // one minor unit too much
  'wrongCurrency',
  'unmappedStatus',
  'missingField',
  'hugeNumber', // amount 9007199254740993, which a double cannot hold
] as const

/** The provider itself does something odd. */
export const worldKinds = [
  'duplicateCharge', // a second live payment for the order; once, unless `times` says otherwise
  'watermarkLag', // the list does not know yet what is younger than `ms`
] as const

type KindOf<Kinds extends readonly string[]> = Kinds[number]

/** `retryAfter` is sent as it is: seconds, an HTTP date, or nonsense. */
type StatusFault = {
  readonly kind: 'statusBefore' | 'statusAfter'
  readonly status: FaultStatus
  readonly retryAfter?: string | undefined
}
type DelayFault = { readonly kind: 'slowHeaders' | 'watermarkLag'; readonly ms: number }
type DripFault = { readonly kind: 'slowDrip'; readonly msPerByte: number }
/** Default: 64 MiB of body, 64 KiB of header. */
type HugeFault = { readonly kind: 'hugeBody' | 'hugeHeader'; readonly bytes?: number | undefined }
type MissingFieldFault = { readonly kind: 'missingField'; readonly field: string }
type DetailedFault = StatusFault | DelayFault | DripFault | HugeFault | MissingFieldFault

export type FaultKind =
  | KindOf<typeof unprocessedKinds>
  | KindOf<typeof wireKinds>
  | KindOf<typeof answerKinds>
  | KindOf<typeof paymentKinds>
  | KindOf<typeof worldKinds>

type PlainFault = { readonly kind: Exclude<FaultKind, DetailedFault['kind']> }

export const faultStatuses = [400, 401, 403, 410, 429, 500, 502, 503] as const

/** 400 is the temporary PROVIDER_ERROR. */
export type FaultStatus = (typeof faultStatuses)[number]

export const faultOperations = ['lookup', 'cancel', 'any'] as const

/** Which requests a fault strikes. */
export interface FaultScope {
  /** Default `any`: also create and list. */
  readonly operation?: (typeof faultOperations)[number] | undefined
  /** A payment's id or orderId. Default: every payment. */
  readonly payment?: string | undefined
  /** How many requests in all. Default: without end. */
  readonly times?: number | undefined
  /** How long after it was switched on. Default: until it is switched off. */
  readonly lastsMs?: number | undefined
  /** 0…1, drawn from the provider's random. Default 1. */
  readonly probability?: number | undefined
}

export type Fault = (PlainFault | DetailedFault) & FaultScope

export interface Faults {
  /** Switches a fault on; the answer switches it off. A request meets the first fault that fits. */
  add(fault: Fault): () => void
  clear(): void
  active(): readonly Fault[]
}

/** What a fault's scope is compared with. */
export interface FaultTarget {
  readonly operation: 'lookup' | 'cancel' | 'create' | 'list'
  /** Ids and order ids the request speaks of. */
  readonly payments: readonly (string | undefined)[]
}

export interface FaultBoard extends Faults {
  /** The fault that strikes this request; counts as one of its `times`. */
  take(target: FaultTarget): Fault | undefined
}

interface Switched {
  readonly fault: Fault
  readonly until: number
  left: number
}

export function createFaultBoard(clock: Clock, random: Random): FaultBoard {
  const switched = new Set<Switched>()
  const isOver = ({ left, until }: Switched) => left <= 0 || clock.elapsed() >= until
  const strikes = (entry: Switched, target: FaultTarget) =>
    !isOver(entry) && covers(entry.fault, target) && random.fraction() < (entry.fault.probability ?? 1)

  return {
    add(fault) {
      const unlimited = fault.kind === 'duplicateCharge' ? 1 : Number.POSITIVE_INFINITY
      const until = clock.elapsed() + (fault.lastsMs ?? Number.POSITIVE_INFINITY)
      const entry: Switched = { fault, until, left: fault.times ?? unlimited }
      switched.add(entry)
      return () => {
        switched.delete(entry)
      }
    },
    clear: () => switched.clear(),
    active: () => [...switched].filter((entry) => !isOver(entry)).map(({ fault }) => fault),
    take(target) {
      for (const entry of switched) {
        if (isOver(entry)) switched.delete(entry)
        if (!strikes(entry, target)) continue
        entry.left -= 1
        return entry.fault
      }
      return undefined
    },
  }
}

function covers({ operation = 'any', payment }: Fault, target: FaultTarget): boolean {
  if (operation !== 'any' && operation !== target.operation) return false
  return payment === undefined || target.payments.includes(payment)
}

export const isUnprocessed = (fault: Fault): boolean =>
  (unprocessedKinds as readonly string[]).includes(fault.kind)
