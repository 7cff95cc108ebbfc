import type { ServiceConfig } from '../../src/config/schema.ts'
import type { Answer, Answered } from '../../src/http/answer.ts'
import { isExactNumber, type JsonValue, readPointer } from '../../src/http/json.ts'
import { renderPath } from '../../src/http/path.ts'
import type { RemoteReader } from '../../src/http/remote.ts'
import type { Stopping } from '../../src/lib/abort.ts'
import type { ExternalClass } from './classes.ts'
import { type AmountUnit, formatDecimal, parseDecimal, toMajor } from './money.ts'
import { comparePayment, type ExternalPayment } from './payment.ts'
import type { LocalRow } from './row.ts'

/** What one look at the service showed, small enough to be kept as evidence for ever. */
export interface Observation {
  readonly external: ExternalClass
  /** One sentence for people: `HTTP 200, PAID 12.30 EUR`. */
  readonly text: string
  readonly payment?: ExternalPayment
  /** False when an amount that the service tells does not fit our row. */
  readonly amountsAgree: boolean
  /** The service was not asked, to spare it. */
  readonly isHeld?: true
  readonly httpStatus?: number
  readonly bodyHash?: string
  readonly requestId?: string
  readonly durationMs: number
}

/** Nobody looked: the run is stopping. Says nothing about the row, also not that there was no answer. */
export type Look = Observation | 'notLooked'

export interface LookUp {
  readonly reader: RemoteReader
  readonly service: ServiceConfig
  readonly stopping: Stopping
  readonly amountUnit: AmountUnit
}

export async function lookUp(
  row: LocalRow,
  { reader, service, stopping, amountUnit }: LookUp,
): Promise<Look> {
  const { lookup } = service
  const path =
    lookup.byId !== undefined && row.externalId !== undefined
      ? renderPath(lookup.byId, { id: row.externalId, reference: row.reference })
      : renderPath(lookup.get, { reference: row.reference, id: row.externalId ?? '' })
  if (path.kind === 'refused') return withoutEvidence('unreadable', path.reason, 0)
  const answer = await reader.get({ path: path.path, stop: stopping.stop, kill: stopping.kill })
  if (isAborted(answer)) return 'notLooked'
  return observe(answer, row, service, amountUnit)
}

function isAborted(answer: Answer): boolean {
  return (answer.kind === 'notSent' || answer.kind === 'unanswered') && answer.cause === 'aborted'
}

/** Reads an answer. Whatever is not said in the service's own words, about this very payment, is no evidence. */
export function observe(
  answer: Answer,
  row: LocalRow,
  service: ServiceConfig,
  amountUnit: AmountUnit,
): Observation {
  switch (answer.kind) {
    case 'held':
      return { ...withoutEvidence('temporary', answer.reason, answer.durationMs), isHeld: true }
    case 'notSent':
    case 'unanswered':
      return withoutEvidence('temporary', answer.reason, answer.durationMs)
    case 'bad':
      return {
        ...withoutEvidence('unreadable', answer.reason, answer.durationMs),
        ...(answer.status === undefined ? {} : { httpStatus: answer.status }),
      }
    case 'answered': {
      const read = readAnswer(answer, row, service, amountUnit)
      return {
        amountsAgree: true,
        ...read,
        httpStatus: answer.status,
        bodyHash: answer.bodyHash,
        ...(answer.requestId === undefined ? {} : { requestId: answer.requestId }),
        durationMs: answer.durationMs,
      }
    }
  }
}

function withoutEvidence(
  external: 'temporary' | 'unreadable',
  text: string,
  durationMs: number,
): Observation {
  return { external, text, amountsAgree: true, durationMs }
}

type Reading = Pick<Observation, 'external' | 'text'> & Partial<Pick<Observation, 'payment' | 'amountsAgree'>>

function readAnswer(
  answer: Answered,
  row: LocalRow,
  service: ServiceConfig,
  amountUnit: AmountUnit,
): Reading {
  const { status, body } = answer
  const { lookup } = service
  const http = `HTTP ${status}`
  if (status === 401 || status === 403) return { external: 'denied', text: http }
  if (lookup.temporary.some((rule) => rule.status === status && textAt(body, rule.pointer) === rule.equals)) {
    return { external: 'temporary', text: `${http}, a temporary error in the service's own words` }
  }
  if (status === 408 || status === 425 || status === 429 || status >= 500)
    return { external: 'temporary', text: http }
  if (status === lookup.gone?.status) return { external: 'gone', text: http }
  const isSuccess = status >= 200 && status <= 299
  if (status === lookup.notFound.status) {
    const absence = readAbsence(answer, service)
    // Some services say "not found" with 200 and a code; the same status then also carries payments.
    if (absence.external === 'absent' || !isSuccess) return absence
  }
  if (!isSuccess) return { external: 'unreadable', text: `${http}, which no rule explains` }
  return readPayment(answer, row, service, amountUnit)
}

/** A bare 404 may be a proxy, another environment or a wrong path; the service's own is JSON, with its code when configured. */
function readAbsence({ status, body }: Answered, { lookup }: ServiceConfig): Reading {
  const { code } = lookup.notFound
  const isOwn = code === undefined ? body !== null : textAt(body, code.pointer) === code.equals
  const text = `HTTP ${status}`
  return isOwn
    ? { external: 'absent', text }
    : { external: 'absentMaybe', text: `${text}, not in the service's own words` }
}

function readPayment(
  { status, body }: Answered,
  row: LocalRow,
  service: ServiceConfig,
  amountUnit: AmountUnit,
): Reading {
  const { read, statuses } = service.lookup
  const unreadable = (reason: string): Reading => ({
    external: 'unreadable',
    text: `HTTP ${status}, but ${reason}`,
  })
  const id = textAt(body, read.id)
  const reference = textAt(body, read.reference)
  const raw = textAt(body, read.status)
  if (id === undefined || raw === undefined)
    return unreadable(`nothing at ${id === undefined ? read.id : read.status}`)
  if (reference !== row.reference)
    return unreadable(`it speaks of ${reference ?? 'no reference'}, not of ${row.reference}`)
  const mapped = Object.hasOwn(statuses, raw) ? statuses[raw] : undefined
  if (mapped === undefined) return unreadable(`the status ${JSON.stringify(raw)} is not mapped`)
  const payment = readMoney(body, { id, status: raw }, row, service)
  if (typeof payment === 'string') return unreadable(payment)
  const comparison = comparePayment(payment, row, { amountUnit, mapped })
  const text = `HTTP ${status}, ${raw} ${payment.amount} ${payment.currency ?? ''}`.trim()
  if (isMultiple(body, read.duplicates))
    return { external: 'multiple', text, payment, amountsAgree: comparison.agrees }
  const external = mapped === 'paid' && !comparison.isSame ? 'differs' : mapped
  const note = comparison.isSame ? '' : `; ${comparison.reason}`
  return { external, text: text + note, payment, amountsAgree: comparison.agrees }
}

/** A payment with exact amounts, or the reason why it cannot be read. */
function readMoney(
  body: JsonValue,
  known: { id: string; status: string },
  row: LocalRow,
  { lookup: { read } }: ServiceConfig,
): ExternalPayment | string {
  const currency = read.currency === undefined ? undefined : textAt(body, read.currency)?.toUpperCase()
  if (read.currency !== undefined && currency === undefined) return `nothing at ${read.currency}`
  const major = (pointer: string | undefined): string | undefined => {
    const decimal = pointer === undefined ? undefined : parseDecimal(textAt(body, pointer) ?? '')
    const amount = decimal && toMajor(decimal, read.amountUnit, currency ?? row.currency)
    return amount && formatDecimal(amount)
  }
  const amount = major(read.amount)
  if (amount === undefined) return `no exact amount at ${read.amount}`
  return {
    ...known,
    amount,
    currency,
    refunded: major(read.refunded),
    refundable: major(read.refundable),
    updatedAt: read.updatedAt === undefined ? undefined : textAt(body, read.updatedAt),
  }
}

function isMultiple(body: JsonValue, pointer: string | undefined): boolean {
  const text = pointer === undefined ? undefined : textAt(body, pointer)
  return text !== undefined && /^\d+$/.test(text) && BigInt(text) > 1n
}

/** Text, or a number's exact digits. */
export function textAt(body: JsonValue, pointer: string): string | undefined {
  const value = readPointer(body, pointer)
  if (typeof value === 'string') return value
  return isExactNumber(value) ? value.value : undefined
}
