import { exitCodes, RowkeeperError } from '../lib/errors.ts'

export type RenderedPath =
  | { readonly kind: 'rendered'; readonly path: string }
  | { readonly kind: 'refused'; readonly reason: string }

const placeholder = /\{([A-Za-z][A-Za-z0-9]*)\}/g

/**
 * Puts values into the segments of `/payments/{reference}/cancel`, percent-encoded. A value that would change the
 * path's shape (empty, `.`, `..`, control characters) is refused, for the row's sake; a template that names an
 * unknown value is a configuration error and throws.
 */
export function renderPath(template: string, values: Readonly<Record<string, string>>): RenderedPath {
  checkPath(template.replaceAll(placeholder, 'x'), `the path ${template}`)
  let refusal: string | undefined
  const path = template.replaceAll(placeholder, (_match, name: string) => {
    const value = values[name]
    if (value === undefined) throw unknownPlaceholder(template, name, values)
    refusal ??= refuseValue(name, value)
    return refusal === undefined ? encodeURIComponent(value) : ''
  })
  return refusal === undefined ? { kind: 'rendered', path } : { kind: 'refused', reason: refusal }
}

function refuseValue(name: string, value: string): string | undefined {
  if (value === '') return `${name} is empty, so there is nothing to ask for`
  if (value === '.' || value === '..') return `${name} is "${value}", which would lead to another path`
  if (/[\p{Cc}\p{Cs}]/u.test(value)) return `${name} contains control characters or broken Unicode`
  return undefined
}

function unknownPlaceholder(
  template: string,
  name: string,
  values: Readonly<Record<string, string>>,
): RowkeeperError {
  return new RowkeeperError({
    code: 'config.unknownPlaceholder',
    message: `The path ${template} uses {${name}}, which has no value.`,
    hint: `Known here: ${Object.keys(values).join(', ')}. Check with: rowkeeper config check`,
    exitCode: exitCodes.badConfiguration,
  })
}

/** Throws unless `path` is an absolute path of plain segments: it must not leave the base URL or smuggle a query. */
export function checkPath(path: string, what = `the path ${path}`): void {
  const plain = /^\/(?!\/)[!-~]*$/.test(path) && !/[?#\\{}]/.test(path)
  const steps = /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path)
  if (plain && !steps) return
  throw new RowkeeperError({
    code: 'config.badPath',
    message: `${what[0]?.toUpperCase()}${what.slice(1)} is not a plain path below the service's baseUrl.`,
    hint: 'Write it like /payments/{reference}, placeholders inside segments only. Check with: rowkeeper config check',
    exitCode: exitCodes.badConfiguration,
  })
}

export interface BaseUrl {
  readonly origin: string
  readonly host: string
  /** Without a slash at the end; empty for the root. */
  readonly path: string
}

/** Throws for anything but http(s)://host[:port][/path]: user and password in it would end up in messages. */
export function parseBaseUrl(text: string, service: string): BaseUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const web = url?.protocol === 'https:' || url?.protocol === 'http:'
  if (url === undefined || !web) throw badBaseUrl(service, 'is not an http or https URL')
  if (url.username !== '' || url.password !== '') throw badBaseUrl(service, 'contains a user or a password')
  if (url.search !== '' || url.hash !== '') throw badBaseUrl(service, 'contains a query or a fragment')
  return { origin: url.origin, host: url.host, path: url.pathname.replace(/\/+$/, '') }
}

function badBaseUrl(service: string, what: string): RowkeeperError {
  return new RowkeeperError({
    code: 'config.badBaseUrl',
    message: `The baseUrl of service ${service} ${what}.`,
    hint: `Write services.${service}.baseUrl like https://api.example.com/v1, and credentials under auth.`,
    exitCode: exitCodes.badConfiguration,
  })
}
