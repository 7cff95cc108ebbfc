import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { formatBytes } from '../lib/units.ts'
import type { Answer, JsonValue } from './answer.ts'
import type { Exchanged, WireResponse } from './exchange.ts'
import { parseJson } from './json.ts'
import { parseRetryAfter } from './retry-after.ts'

type Received = Exclude<Exchanged, { kind: 'broken' }>

export interface ReadingContext {
  readonly attempts: number
  readonly bodyLimitBytes: number
  readonly now: () => Date
  /** Masks the service's own secret in what will be kept as evidence. */
  readonly mask: (text: string) => string
  /** The origin that was asked, for the hint on redirects. */
  readonly origin: string
}

const EXCERPT_BYTES = 2048

/** Reads what came back: an answer when its status and body can be trusted, otherwise `bad` with the reason. */
export function readResponse(received: Received, context: ReadingContext): Answer {
  const { response, durationMs } = received
  const { status } = response
  const headers = flattenHeaders(response.headers)
  const requestId = findRequestId(headers)
  const common = { status, durationMs, attempts: context.attempts, ...(requestId ? { requestId } : {}) }
  const refuse = (reason: string, bytes: Buffer, hint?: string): Answer => {
    return { ...common, kind: 'bad', reason, excerpt: excerpt(bytes, context), ...(hint ? { hint } : {}) }
  }

  if (received.kind === 'tooLarge') return refuse(tooLarge(context), response.bytes)
  if (isRedirect(status)) return refuse(...explainRedirect(headers.location, context))
  const decoded = decode(response, context)
  if (decoded.kind === 'refused') return refuse(decoded.reason, Buffer.alloc(0))
  const { bytes } = decoded
  const read = readBody(bytes, headers['content-type'] ?? '')
  // The status of an error speaks for itself; but a 404 page of some proxy must not pass for "no such payment".
  const bodyCounts = status < 400 || status === 404 || status === 410
  if (read.kind === 'refused' && bodyCounts) return refuse(read.reason, bytes)
  if (bytes.length === 0 && status < 300 && status !== 204) return refuse('an empty body', bytes)
  const retryAfterMs = readRetryAfter(status, headers, context)
  return {
    ...common,
    kind: 'answered',
    headers,
    body: read.kind === 'read' ? read.body : null,
    bodyHash: createHash('sha256').update(bytes).digest('hex'),
    bodyExcerpt: excerpt(bytes, context),
    replayed: headers['idempotent-replayed'] === 'true',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

function flattenHeaders(headers: WireResponse['headers']): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return flat
}

const requestIdHeaders = ['x-request-id', 'request-id', 'x-correlation-id', 'x-amzn-requestid', 'cf-ray']

function findRequestId(headers: Readonly<Record<string, string>>): string | undefined {
  const name = requestIdHeaders.find((candidate) => headers[candidate])
  return name === undefined ? undefined : headers[name]
}

function tooLarge({ bodyLimitBytes }: ReadingContext): string {
  return `a body larger than ${formatBytes(bodyLimitBytes)}`
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400
}

function explainRedirect(
  location: string | undefined,
  { origin }: ReadingContext,
): [reason: string, bytes: Buffer, hint: string] {
  const target = URL.canParse(location ?? '', origin) ? new URL(location ?? '', origin).host : 'nowhere'
  const hint = 'Redirects are never followed: they would carry the credentials along. Correct baseUrl.'
  return [`a redirect to ${target}`, Buffer.alloc(0), hint]
}

type Decoded = { readonly kind: 'decoded'; readonly bytes: Buffer } | Refused

interface Refused {
  readonly kind: 'refused'
  readonly reason: string
}

const decoders: Readonly<Record<string, (bytes: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
}

/** Synchronous: the output is capped at the body limit, 1 MiB takes 3 ms at most, a trip to the thread pool costs more. */
function decode({ headers, bytes }: WireResponse, context: ReadingContext): Decoded {
  const encoding = String(headers['content-encoding'] ?? 'identity').toLowerCase()
  if (encoding === 'identity' || bytes.length === 0) return { kind: 'decoded', bytes }
  const decoder = decoders[encoding]
  if (decoder === undefined) return { kind: 'refused', reason: `the content encoding "${encoding}"` }
  try {
    return { kind: 'decoded', bytes: decoder(bytes, { maxOutputLength: context.bodyLimitBytes }) }
  } catch (error) {
    const overflow = (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE'
    return { kind: 'refused', reason: overflow ? tooLarge(context) : `a body that is not valid ${encoding}` }
  }
}

type ReadBody = { readonly kind: 'read'; readonly body: JsonValue } | Refused

/** The content type only rules HTML out: services label JSON as text more often than one would like. */
function readBody(bytes: Buffer, contentType: string): ReadBody {
  if (bytes.length === 0) return { kind: 'read', body: null }
  if (!isUtf8(bytes)) return { kind: 'refused', reason: 'a body that is not UTF-8 text' }
  const text = bytes.toString()
  if (contentType.includes('html') || /^\s*</.test(text))
    return { kind: 'refused', reason: 'HTML instead of JSON' }
  if (text.startsWith('\uFEFF')) return { kind: 'refused', reason: 'a byte order mark before the JSON' }
  try {
    return { kind: 'read', body: parseJson(text) }
  } catch {
    return { kind: 'refused', reason: 'invalid JSON' }
  }
}

/** Masked before it is cut, so that no half of a secret is left at the end. */
function excerpt(bytes: Buffer, { mask }: ReadingContext): string {
  return mask(bytes.subarray(0, 2 * EXCERPT_BYTES).toString()).slice(0, EXCERPT_BYTES)
}

function readRetryAfter(
  status: number,
  headers: Readonly<Record<string, string>>,
  { now }: ReadingContext,
): number | undefined {
  if (status !== 429 && status !== 503) return undefined
  return parseRetryAfter(headers['retry-after'], now())
}
