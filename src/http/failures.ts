import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { formatDuration } from '../lib/units.ts'
import type { Answer, NotSentCause, UnansweredCause } from './answer.ts'
import type { Exchanged, Timeouts } from './exchange.ts'

type Broken = Extract<Exchanged, { kind: 'broken' }>

export interface FailureContext {
  readonly timeouts: Timeouts
  /** host:port, for messages. */
  readonly host: string
}

/**
 * What a broken attempt means. First by how far it came, then by code: the same ECONNRESET is harmless while
 * connecting and a maybe-executed mutation after the request was written.
 */
export function classifyFailure(broken: Broken, attempts: number, context: FailureContext): Answer {
  refuseOurMistake(broken.error)
  const timing = {
    durationMs: broken.phase === 'waiting' ? 0 : broken.durationMs,
    attempts,
  }
  if (broken.phase === 'waiting') return { ...timing, kind: 'notSent', ...explainNotSent(broken, context) }
  if (readCode(broken.error) === 'UND_ERR_HEADERS_OVERFLOW') {
    return { ...timing, kind: 'bad', reason: 'headers larger than 16 KiB', excerpt: '' }
  }
  const cause = findUnansweredCause(broken)
  return { ...timing, kind: 'unanswered', cause, reason: unansweredTexts[cause](broken, context) }
}

function readCode(error: Error | undefined): string {
  const code = (error as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : ''
}

function explainNotSent(broken: Broken, { host, timeouts }: FailureContext): NotSentExplanation {
  if (broken.by === 'kill')
    return { cause: 'aborted', reason: `stopped before the request to ${host} was sent` }
  if (broken.by === 'timeout') {
    const limit = formatDuration(timeouts.total)
    return { cause: 'connectTimeout', reason: `no connection to ${host} became free within ${limit}` }
  }
  const code = readCode(broken.error)
  const rule = notSentRules.find(({ codes }) => codes.test(code))
  const cause = rule?.cause ?? 'refused'
  const what = notSentTexts[cause](host, timeouts)
  const reason = `${what} (${code || broken.error?.message})`
  return cause === 'tls' ? { cause, reason, hint: tlsHint } : { cause, reason }
}

interface NotSentExplanation {
  readonly cause: NotSentCause
  readonly reason: string
  readonly hint?: string
}

// The codes of Node's resolver, of libuv, of undici and of OpenSSL, as measured with Node 20.20 and undici 7.30.
const notSentRules: readonly { readonly codes: RegExp; readonly cause: NotSentCause }[] = [
  { codes: /^(?:ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL)$/, cause: 'dns' },
  { codes: /^(?:UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, cause: 'connectTimeout' },
  { codes: /^(?:UND_ERR_ABORTED|UND_ERR_DESTROYED|UND_ERR_CLOSED)$/, cause: 'aborted' },
  { codes: /^(?:EPROTO|ERR_TLS_\w+|ERR_SSL_\w+|HOSTNAME_MISMATCH|INVALID_(?:CA|PURPOSE))$/, cause: 'tls' },
  { codes: /^(?:CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERROR_IN_C|PATH_LENGTH_)/, cause: 'tls' },
]

const notSentTexts: Record<NotSentCause, (host: string, timeouts: Timeouts) => string> = {
  dns: (host) => `the name ${host} could not be resolved`,
  refused: (host) => `${host} could not be reached`,
  connectTimeout: (host, { connect }) =>
    `${host} did not accept a connection within ${formatDuration(connect)}`,
  tls: (host) => `no trusted TLS connection to ${host}`,
  aborted: (host) => `stopped before the request to ${host} was sent`,
}

const tlsHint =
  'Trying again will not help. Check baseUrl (https, host, port) and the certificate; ' +
  'for a certificate authority of your own set NODE_EXTRA_CA_CERTS=/path/to/ca.pem.'

const unansweredByCode: Readonly<Record<string, UnansweredCause>> = {
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'truncated',
}

function findUnansweredCause({ by, phase, error }: Broken): UnansweredCause {
  if (by === 'kill') return 'aborted'
  if (by === 'timeout') return 'timeout'
  // llhttp's errors carry its own codes (HPE_…) or none; only the name is reliable.
  if (error?.name === 'HTTPParserError') return 'protocol'
  const cause = unansweredByCode[readCode(error)] ?? 'closed'
  return phase === 'answering' && cause !== 'timeout' ? 'truncated' : cause
}

const unansweredTexts: Record<UnansweredCause, (broken: Broken, context: FailureContext) => string> = {
  timeout: ({ durationMs, phase }, { host }) => {
    const missing = phase === 'answering' ? 'did not finish its answer' : 'did not answer'
    return `${host} ${missing} within ${formatDuration(durationMs)}`
  },
  reset: (_broken, { host }) => `${host} reset the connection before it answered`,
  closed: (_broken, { host }) => `${host} closed the connection before it answered`,
  truncated: ({ status }, { host }) => `${host} broke off in the middle of an answer with status ${status}`,
  protocol: ({ error }, { host }) => `${host} answered with something that is not HTTP (${error?.message})`,
  aborted: (_broken, { host }) => `stopped while ${host} was working on the request`,
}

function refuseOurMistake(error: Error | undefined): void {
  if (readCode(error) !== 'UND_ERR_INVALID_ARG') return
  throw new RowkeeperError({
    code: 'bug.invalidRequest',
    message: `A request could not be built: ${error?.message}.`,
    hint: 'Look for line breaks or control characters in the credentials and headers of this service.',
    exitCode: exitCodes.bug,
    cause: error,
  })
}
