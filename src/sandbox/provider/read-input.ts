import {
  answerKinds,
  type Fault,
  type FaultKind,
  type FaultScope,
  faultOperations,
  faultStatuses,
  paymentKinds,
  unprocessedKinds,
  wireKinds,
  worldKinds,
} from './faults.ts'
import { type Fields, invalidRequest } from './fields.ts'
import type { NewPayment } from './new-payment.ts'
import { paymentStatuses, refundOutcomes } from './payment.ts'

const kinds: readonly FaultKind[] = [
  ...unprocessedKinds,
  ...wireKinds,
  ...answerKinds,
  ...paymentKinds,
  ...worldKinds,
]

/** Throws `sandbox.request.invalid`. */
export function readFault(fields: Fields): Fault {
  const kind = fields.optionalChoice('kind', kinds) ?? missing('kind', kinds)
  const scope = readScope(fields)
  switch (kind) {
    case 'statusBefore':
    case 'statusAfter': {
      const text = fields.optionalChoice('status', faultStatuses.map(String))
      const status = faultStatuses.find((candidate) => String(candidate) === text)
      return {
        ...scope,
        kind,
        status: status ?? missing('status', faultStatuses),
        retryAfter: fields.optionalText('retryAfter'),
      }
    }
    case 'slowHeaders':
    case 'watermarkLag':
      return { ...scope, kind, ms: fields.optionalNumber('ms') ?? missing('ms') }
    case 'slowDrip':
      return { ...scope, kind, msPerByte: fields.optionalNumber('msPerByte') ?? missing('msPerByte') }
    case 'hugeBody':
    case 'hugeHeader':
      return { ...scope, kind, bytes: fields.optionalNumber('bytes') }
    case 'missingField':
      return { ...scope, kind, field: fields.text('field') }
    default:
      return { ...scope, kind }
  }
}

/** Throws `sandbox.request.invalid`. */
export function readNewPayment(fields: Fields): NewPayment {
  const asynchronous = fields.optionalFields('asynchronousRefunds')
  return {
    id: fields.optionalText('id'),
    orderId: fields.text('orderId'),
    amount: fields.text('amount'),
    currency: fields.text('currency'),
    status: fields.optionalChoice('status', paymentStatuses),
    refunded: fields.optionalText('refunded'),
    createdAt: fields.optionalTime('createdAt'),
    asynchronousRefunds: asynchronous && {
      afterMs: asynchronous.optionalNumber('afterMs'),
      outcome: asynchronous.optionalChoice('outcome', refundOutcomes),
    },
  }
}

function readScope(fields: Fields): FaultScope {
  return {
    operation: fields.optionalChoice('operation', faultOperations),
    payment: fields.optionalText('payment'),
    times: fields.optionalNumber('times'),
    lastsMs: fields.optionalNumber('lastsMs'),
    probability: fields.optionalNumber('probability'),
  }
}

function missing(name: string, choices: readonly (string | number)[] = []): never {
  const one = choices.length === 0 ? '' : ` It is one of: ${choices.join(', ')}.`
  throw invalidRequest(`"${name}" is missing.${one}`)
}
