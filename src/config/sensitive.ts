import { isLoopback, parseDatabaseUrl } from './connection.ts'
import type { EffectiveValue } from './effective.ts'
import { formatPath, type Path, type Warning } from './problem.ts'
import type { Config } from './schema.ts'
import { fieldKindOf, schemasAt } from './schema-walk.ts'
import type { Fetched } from './secrets.ts'
import { type Section, schemasOf } from './sections.ts'
import type { ValueSource } from './sources.ts'

const passwordInUrl = /^([a-z][a-z0-9+.-]*:\/\/[^:/]*):(.*)@/i

/**
 * Everything the redactor must know: what stands in secret fields, passwords in URLs, and every fetched value
 * except where the schema says that it is plain: a table name from the environment is no secret, and replacing
 * it everywhere would make the output useless.
 */
export function findSecrets(
  values: readonly EffectiveValue[],
  fetched: readonly Fetched[],
  sections: readonly Section[],
): readonly string[] {
  const inFields = values.flatMap(({ secrecy, value }) => {
    if (typeof value !== 'string') return []
    if (secrecy === 'secret') return [value]
    return secrecy === 'url' ? passwordsIn(value) : []
  })
  const fromOutside = fetched
    .filter(({ path }) => !isPrintable(sections, path))
    .flatMap(({ value }) => (URL.canParse(value) ? passwordsIn(value) : [value]))
  return [...inFields, ...fromOutside]
}

/** `mysql://user@host/database` of `mysql://user:password@host/database`. */
export function withoutPassword(url: string): string {
  return url.replace(passwordInUrl, '$1@')
}

/** What is allowed and not wise. */
export function findWarnings(
  config: Config,
  values: readonly EffectiveValue[],
  sources: ReadonlyMap<string, ValueSource>,
): Warning[] {
  return [
    ...values.flatMap((value) => warnAboutInline(value, sources.get(formatPath(value.path)))),
    ...Object.entries(config.databases).flatMap(([name, { url, tls }]) => {
      const { host, socket } = parseDatabaseUrl(url)
      const isOpen = tls.mode === 'off' && socket === undefined && !isLoopback(host)
      const message = `databases.${name}: TLS is off and ${host} is not this machine; password and rows cross the network readable`
      return isOpen ? [{ code: 'config.plainDatabase', message }] : []
    }),
    ...Object.entries(config.services).flatMap(([name, { baseUrl }]) => {
      const { protocol, hostname } = new URL(baseUrl)
      const message = `services.${name}.baseUrl: http: to ${hostname}, which is not this machine; token and payments cross the network readable`
      return protocol === 'http:' && !isLoopback(hostname) ? [{ code: 'config.plainHttp', message }] : []
    }),
  ]
}

function warnAboutInline(
  { path, secrecy, value }: EffectiveValue,
  source: ValueSource | undefined,
): Warning[] {
  if (source?.kind !== 'file' || typeof value !== 'string') return []
  const isSecret = secrecy === 'secret' || (secrecy === 'url' && passwordsIn(value).length > 0)
  if (!isSecret) return []
  const message = `${source.file}:${source.line} ${formatPath(path)}: a secret stands in the file; write \${env:NAME} or \${file:path} instead`
  return [{ code: 'config.inlineSecret', message }]
}

/** As it is written and as it is meant: `p%40ss` and `p@ss`. */
function passwordsIn(url: string): readonly string[] {
  const password = passwordInUrl.exec(url)?.[2] ?? ''
  if (password === '') return []
  try {
    return [password, decodeURIComponent(password)]
  } catch {
    return [password]
  }
}

/** True where the schema knows the field and its values may be seen, a URL's password aside. */
function isPrintable(sections: readonly Section[], path: Path): boolean {
  const section = sections.find((candidate) => candidate.path.every((part, index) => part === path[index]))
  if (section === undefined) return false
  const schemas = schemasAt(schemasOf(section), path.slice(section.path.length))
  const secrecies = schemas.map((schema) => fieldKindOf(schema)?.secrecy)
  return secrecies.length > 0 && secrecies.every((secrecy) => secrecy === 'plain' || secrecy === 'url')
}
