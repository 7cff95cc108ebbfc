const offset = /^[+-](0\d|1[0-4]):[0-5]\d$/

/**
 * True for an IANA name, `UTC`, or a fixed offset up to 14 hours. Asks Intl, as luxon does itself, so that
 * start-up does not pay for loading luxon.
 */
export function isTimeZone(text: string): boolean {
  if (offset.test(text)) return true
  if (!/^[A-Za-z]/.test(text)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
    return true
  } catch {
    return false
  }
}

/** The zone as luxon wants it: it reads a fixed offset only behind `UTC`. */
export function toLuxonZone(timeZone: string): string {
  return offset.test(timeZone) ? `UTC${timeZone}` : timeZone
}
