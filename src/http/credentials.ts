import { validateHeaderName, validateHeaderValue } from 'node:http'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'

export type Auth =
  | { readonly bearer: string }
  | { readonly basic: { readonly username: string; readonly password: string } }
  | { readonly header: { readonly name: string; readonly value: string } }

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  /** Replaces the secret by `***` wherever a service echoes it. */
  readonly mask: (text: string) => string
}

/** Throws when the secret cannot be sent as a header: mostly a line break at the end of a secret file. */
export function readCredentials(auth: Auth | undefined, service: string): Credentials {
  if (auth === undefined) return { headers: {}, mask: (text) => text }
  const { name, value, secrets } = render(auth)
  try {
    validateHeaderName(name)
    validateHeaderValue(name, value)
  } catch {
    throw badCredentials(service)
  }
  const parts = secrets.filter((secret) => secret !== '')
  const mask = (text: string) => parts.reduce((masked, secret) => masked.replaceAll(secret, '***'), text)
  return { headers: { [name.toLowerCase()]: value }, mask }
}

function render(auth: Auth): { name: string; value: string; secrets: readonly string[] } {
  if ('bearer' in auth)
    return { name: 'authorization', value: `Bearer ${auth.bearer}`, secrets: [auth.bearer] }
  if ('header' in auth) return { ...auth.header, secrets: [auth.header.value] }
  const { username, password } = auth.basic
  const encoded = Buffer.from(`${username}:${password}`).toString('base64')
  return { name: 'authorization', value: `Basic ${encoded}`, secrets: [encoded, password] }
}

function badCredentials(service: string): RowkeeperError {
  return new RowkeeperError({
    code: 'config.badCredentials',
    message: `The credentials of service ${service} cannot be sent as an HTTP header.`,
    hint: `Look for a line break or other control characters in services.${service}.auth.`,
    exitCode: exitCodes.badConfiguration,
  })
}
