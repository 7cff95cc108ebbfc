/** Takes secrets out of what is printed, stored or sent. */
export interface Redactor {
  (text: string): string
  /** The same value with every text in it redacted: arrays and plain objects, however deep. */
  deep<T>(value: T): T
}

const MASK = '***'
const SHORTEST_SECRET = 4

/** Bounded: without limits, a megabyte of letters took minutes, since each of them may begin a scheme. */
const urlPassword = /\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#:@"']{0,128}:)[^\s/?#"']{0,512}@/gi
const quotedAuthorization = /(authorization["']?\s*[:=]\s*["'])[^"']+/gi
const plainAuthorization = /(authorization\s*[:=]\s*)(?!["'\s])[^\r\n]+/gi
const schemeAndToken = /\b([Bb]earer|[Bb]asic)\s+(?=\S*[0-9A-Z_=])[\w.~+/=-]{8,}/g
const secretKey = /^(proxy-)?authorization$|^(set-)?cookie$|^x-api-key$|password/i

/**
 * Replaces every secret, also as it looks percent-encoded or inside JSON, passwords in URLs, and what follows
 * `Authorization:`, `Bearer` and `Basic`. Secrets under four characters are left: replacing those would tear
 * ordinary words apart.
 */
export function createRedactor(secrets: Iterable<string>): Redactor {
  const known = createPattern(secrets)
  const redact = (text: string): string =>
    (known === undefined ? text : text.replaceAll(known, MASK))
      .replaceAll(urlPassword, `$1${MASK}@`)
      .replaceAll(quotedAuthorization, `$1${MASK}`)
      .replaceAll(plainAuthorization, `$1${MASK}`)
      .replaceAll(schemeAndToken, `$1 ${MASK}`)
  const deep = <T>(value: T): T => redactValue(value, redact, new WeakMap()) as T
  return Object.assign(redact, { deep })
}

/** Longest first, so that a secret which contains another one goes as a whole. */
function createPattern(secrets: Iterable<string>): RegExp | undefined {
  const forms = [...secrets]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret.replaceAll(/\p{Surrogate}/gu, '')),
      JSON.stringify(secret).slice(1, -1),
    ])
    .sort((one, other) => other.length - one.length)
  if (forms.length === 0) return undefined
  return new RegExp([...new Set(forms)].map(escapePattern).join('|'), 'g')
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

function redactValue(
  value: unknown,
  redact: (text: string) => string,
  seen: WeakMap<object, unknown>,
): unknown {
  if (typeof value === 'string') return redact(value)
  if (typeof value !== 'object' || value === null) return value
  if (seen.has(value)) return seen.get(value)
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    seen.set(value, copy)
    copy.push(...value.map((item) => redactValue(item, redact, seen)))
    return copy
  }
  if (!isPlain(value)) return value
  const copy: Record<string, unknown> = {}
  seen.set(value, copy)
  for (const [key, item] of Object.entries(value))
    copy[key] = secretKey.test(key) && typeof item === 'string' ? MASK : redactValue(item, redact, seen)
  return copy
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
