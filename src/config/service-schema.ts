import { z } from 'zod'
import {
  checkText,
  count,
  fieldKinds,
  jsonPointer,
  positiveCount,
  positiveDuration,
  positiveNumber,
  ratio,
  secret,
} from './fields.ts'
import { jsonTemplate, pathTemplate } from './template.ts'

const httpStatus = z.int().min(100).max(599).register(fieldKinds, { kind: 'HTTP status', secrecy: 'plain' })

const headerName = checkText((text) =>
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)
    ? undefined
    : `${JSON.stringify(text)} cannot be the name of a header`,
).register(fieldKinds, { kind: 'header name', secrecy: 'plain' })

const baseUrl = checkText(findBaseUrlProblem).register(fieldKinds, { kind: 'URL', secrecy: 'url' })

/** Some services take a token as the user name, with no password. */
const secretOrEmpty = z.string().register(fieldKinds, { kind: 'secret, may be empty', secrecy: 'secret' })

const auth = z.union([
  z.strictObject({ bearer: secret }),
  z.strictObject({ basic: z.strictObject({ username: z.string(), password: secretOrEmpty }) }),
  z.strictObject({ header: z.strictObject({ name: headerName, value: secret }) }),
])

/** One condition on an answer: its status, what stands at a pointer, or both. */
const answerCode = z.strictObject({ pointer: jsonPointer, equals: z.string() })

const lookup = z.strictObject({
  get: pathTemplate(['reference']).describe('Path of one payment by our reference: /payments/{reference}'),
  byId: pathTemplate(['id'])
    .exactOptional()
    .describe("Path of one payment by the service's id: /payments/{id}"),
  read: z
    .strictObject({
      id: jsonPointer.describe("The service's own id"),
      reference: jsonPointer.describe('Our reference, echoed; an answer with another one is not believed'),
      status: jsonPointer,
      amount: jsonPointer,
      amountUnit: z.enum(['major', 'minor']).prefault('major').describe('12.30 is major, 1230 is minor'),
      currency: jsonPointer.exactOptional(),
      refunded: jsonPointer.exactOptional().describe('Amount given back so far'),
      refundable: jsonPointer.exactOptional().describe('Amount that can still be given back'),
      updatedAt: jsonPointer.exactOptional(),
      duplicates: jsonPointer.exactOptional().describe('Count of live payments of this reference'),
    })
    .describe('Where things stand in the answer, as JSON pointers'),
  statuses: z
    .record(
      z.string(),
      z.enum(['paid', 'pending', 'failed', 'refunded', 'partial', 'authorized', 'disputed']),
    )
    .describe("The service's status → ours. A status not listed is unclear and changes nothing"),
  notFound: z
    .strictObject({ status: httpStatus.prefault(404), code: answerCode.exactOptional() })
    .prefault({})
    .describe('The only answer that means: there is no such payment'),
  temporary: z
    .array(z.strictObject({ status: httpStatus, pointer: jsonPointer, equals: z.string() }))
    .prefault([])
    .describe('Answers that look final but mean: ask again later'),
  gone: z
    .strictObject({ status: httpStatus })
    .exactOptional()
    .describe('The answer for a payment too old to be looked up'),
})

const cancel = z.strictObject({
  post: pathTemplate(['id', 'reference']).describe('Path of a cancel: /payments/{id}/cancel'),
  json: jsonTemplate(['id', 'reference', 'amount', 'currency'])
    .prefault({})
    .describe('Body; {id}, {reference}, {amount} and {currency} are filled in'),
  idempotency: z
    .strictObject({
      header: headerName.prefault('Idempotency-Key'),
      quoted: z.boolean().prefault(false).describe('Send the key in double quotes'),
      window: positiveDuration.prefault('24h').describe('How long the service remembers a key'),
    })
    .prefault({}),
  alreadyDone: z
    .strictObject({
      status: httpStatus.exactOptional(),
      pointer: jsonPointer,
      in: z.array(z.string()).min(1),
    })
    .exactOptional()
    .describe('The refusal that means: it was cancelled before'),
  inProgress: z
    .strictObject({
      status: httpStatus,
      pointer: jsonPointer.exactOptional(),
      in: z.array(z.string()).min(1).exactOptional(),
    })
    .refine(
      (match) => (match.pointer === undefined) === (match.in === undefined),
      'pointer and in go together',
    )
    .exactOptional()
    .describe('The refusal that means: the first call with this key still runs'),
  accepted: z.array(httpStatus).prefault([202]).describe('Statuses that mean: taken on, not yet done'),
  concurrency: positiveCount.prefault(2).describe('Cancels at the same time'),
  timeouts: timeouts({ connect: '3s', headers: '60s', total: '75s' }),
})

export const serviceConfig = z.strictObject({
  baseUrl: baseUrl.describe('https://host, with a path or without'),
  auth: auth.exactOptional().describe('bearer, basic, or a header'),
  concurrency: positiveCount.prefault(8).describe('Look-ups at the same time'),
  ratePerSecond: positiveNumber.exactOptional().describe('Calls per second. Without it: no limit'),
  timeouts: timeouts({ connect: '3s', headers: '10s', total: '15s' }),
  retries: count
    .refine((retries) => retries <= 10, 'at most 10')
    .prefault(2)
    .describe('Further tries of a look-up. A cancel is never retried blindly'),
  breaker: z
    .strictObject({
      window: positiveCount.prefault(20).describe('Calls looked back on'),
      minimum: positiveCount.prefault(10).describe('Calls before it may open'),
      failureRatio: ratio.prefault(0.5),
      openFor: positiveDuration.prefault('30s'),
    })
    .refine((breaker) => breaker.minimum <= breaker.window, {
      message: 'must not be larger than window: the breaker could never open',
      path: ['minimum'],
    })
    .prefault({}),
  lookup,
  cancel: cancel.exactOptional().describe('Without it, nothing is ever cancelled at the service'),
})

export type ServiceConfig = z.output<typeof serviceConfig>

function timeouts(defaults: { connect: string; headers: string; total: string }) {
  return z
    .strictObject({
      connect: positiveDuration.prefault(defaults.connect),
      headers: positiveDuration.prefault(defaults.headers).describe('Until the answer begins'),
      total: positiveDuration.prefault(defaults.total).describe('Until the answer is complete'),
    })
    .refine((limits) => limits.connect <= limits.total && limits.headers <= limits.total, {
      message: 'must not be shorter than connect or headers',
      path: ['total'],
    })
    .prefault({})
}

function findBaseUrlProblem(text: string): string | undefined {
  if (!/^https?:\/\//i.test(text)) return 'a service URL begins with https:// (or http://)'
  if (!URL.canParse(text)) return 'the URL cannot be read'
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    return 'put the user and password under auth, not into the URL'
  if (url.search !== '' || url.hash !== '') return 'a service URL has no ? and no #'
  return undefined
}
