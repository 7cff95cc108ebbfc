/**
 * Exact money: decimals as bigint digits with a scale, never a float.
 * `0.10` and `0.1` are equal; `1e3`, `1,000.00` and the empty text are no decimals.
 */
export interface Decimal {
  readonly digits: bigint
  /** Places after the point. */
  readonly scale: number
}

/** In which unit a side writes amounts: 12.30 is major, 1230 is minor. */
export type AmountUnit = 'major' | 'minor'

export function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text.trim())
  if (match === null) return undefined
  const [, sign, whole = '', fraction = ''] = match
  const digits = BigInt(whole + fraction)
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length }
}

export function compareDecimals(left: Decimal, right: Decimal): number {
  const scale = Math.max(left.scale, right.scale)
  const difference = rescale(left, scale) - rescale(right, scale)
  return difference === 0n ? 0 : difference < 0n ? -1 : 1
}

export function addDecimals(left: Decimal, right: Decimal): Decimal {
  const scale = Math.max(left.scale, right.scale)
  return { digits: rescale(left, scale) + rescale(right, scale), scale }
}

export const zero: Decimal = { digits: 0n, scale: 0 }

/** `12.30` of `{ digits: 1230n, scale: 2 }`. */
export function formatDecimal({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? '-' : ''
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`
}

/** The amount in major units. Minor units need the currency's exponent; undefined when nobody knows it. */
export function toMajor(
  amount: Decimal,
  unit: AmountUnit,
  currency: string | undefined,
): Decimal | undefined {
  if (unit === 'major') return amount
  const exponent = currency === undefined ? undefined : currencyExponent(currency)
  return exponent === undefined ? undefined : { digits: amount.digits, scale: amount.scale + exponent }
}

/** The amount as one side writes it: an integer when that side uses minor units. Undefined when it does not fit. */
export function fromMajor(
  amount: Decimal,
  unit: AmountUnit,
  currency: string | undefined,
): string | undefined {
  if (unit === 'major') return formatDecimal(amount)
  const exponent = currency === undefined ? undefined : currencyExponent(currency)
  if (exponent === undefined) return undefined
  const shifted = { digits: amount.digits * 10n ** BigInt(exponent), scale: amount.scale }
  const divisor = 10n ** BigInt(shifted.scale)
  return shifted.digits % divisor === 0n ? (shifted.digits / divisor).toString() : undefined
}

/** ISO 4217, list one: currencies whose minor unit is not a hundredth. */
const exponents: Readonly<Record<number, readonly string[]>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '),
  3: 'BHD IQD JOD KWD LYD OMR TND'.split(' '),
  4: ['CLF', 'UYW'],
}

/**
 * Digits after the point: 2 for EUR, 0 for KRW, 3 for KWD; undefined for a code nobody knows. The platform's own digits
 * are those of cash and differ (HUF, IDR, COP and LBP have none there), so only its list of codes is used.
 */
function currencyExponent(currency: string): number | undefined {
  const code = currency.toUpperCase()
  const special = Object.entries(exponents).find(([, codes]) => codes.includes(code))
  if (special !== undefined) return Number(special[0])
  return Intl.supportedValuesOf('currency').includes(code) ? 2 : undefined
}

function rescale({ digits, scale }: Decimal, wanted: number): bigint {
  return digits * 10n ** BigInt(wanted - scale)
}
