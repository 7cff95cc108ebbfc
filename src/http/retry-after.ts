const SECOND = 1000
const LONGEST = 24 * 3600 * SECOND

/**
 * Milliseconds a service asks us to wait: seconds or an HTTP date (RFC 9110 10.2.3). Undefined when it cannot be
 * believed: missing, not a whole number, zero, past, or more than a day.
 */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  const text = header?.trim() ?? ''
  const milliseconds = /^\d+$/.test(text) ? Number(text) * SECOND : millisecondsUntil(text, now)
  return milliseconds > 0 && milliseconds <= LONGEST ? milliseconds : undefined
}

// Date.parse also reads "-5" and "1.5" as dates; an HTTP date names a day first and the zone GMT last.
function millisecondsUntil(text: string, now: Date): number {
  return /^[A-Z][a-z]{2,8}, .* GMT$/.test(text) ? Date.parse(text) - now.getTime() : Number.NaN
}
