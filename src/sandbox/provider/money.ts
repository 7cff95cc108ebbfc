/** Amounts are bigint minor units inside and decimal text of major units outside; no double in between. */

/** ISO 4217 minor units where they are not 2. */
const exponents: Record<string, number> = {
  BIF: 0,
  CLP: 0,
  ISK: 0,
  JPY: 0,
  KRW: 0,
  PYG: 0,
  UGX: 0,
  VND: 0,
  XAF: 0,
  XOF: 0,
  BHD: 3,
  JOD: 3,
  KWD: 3,
  OMR: 3,
  TND: 3,
}

const exponentOf = (currency: string): number => exponents[currency] ?? 2

/** Minor units of `12.30`; undefined when it is no plain decimal or has more digits than the currency. */
export function parseAmount(text: string, currency: string): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text)
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = ''] = match
  const exponent = exponentOf(currency)
  const significant = fraction.replace(/0+$/, '')
  if (significant.length > exponent) return undefined
  return BigInt(`${sign}${whole}${significant.padEnd(exponent, '0')}`)
}

/** `12.30` for 1230 EUR, `1230` for 1230 KRW. Negative amounts do not occur. */
export function formatAmount(minorUnits: bigint, currency: string): string {
  const exponent = exponentOf(currency)
  const digits = minorUnits.toString().padStart(exponent + 1, '0')
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}
