/** Sums are exact: a decimal is a whole number of its last digits. Floats are refused, as their sums depend on order. */
export function toDigits(text: string, scale: number): bigint {
  const [whole = '0', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(scale, '0').slice(0, scale))
}

/** `-1234` with two digits behind the point → `-12.34`. */
export function toDecimal(digits: bigint, scale: number): string {
  if (scale === 0) return String(digits)
  const sign = digits < 0n ? '-' : ''
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0')
  return `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`
}
