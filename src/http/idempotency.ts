import { hash } from 'node:crypto'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'

/** Structured-field strings are quoted (the Idempotency-Key draft); most services in use want the bare key. */
export type KeyForm = { readonly quoted: true } | { readonly quoted: false }

/**
 * The header's value for a key. Throws unless the key is 16–255 characters of `A–Z a–z 0–9 _ -`: what every service
 * accepts, and what cannot break a header.
 */
export function headerValue(key: string, { quoted }: KeyForm): string {
  if (!/^[\w-]{16,255}$/.test(key)) throw badKey(key)
  return quoted ? `"${key}"` : key
}

function badKey(key: string): RowkeeperError {
  return new RowkeeperError({
    code: 'bug.idempotencyKey',
    message: `An idempotency key of ${key.length} characters is not 16 to 255 letters, digits, "_" or "-".`,
    exitCode: exitCodes.bug,
  })
}

/** SHA-256 of method, path and body, hexadecimal: whether a repeated request is the same request. */
export function hashRequest(request: {
  readonly method: string
  readonly path: string
  readonly body: string
}): string {
  return hash('sha256', `${request.method} ${request.path}\n${request.body}`)
}
