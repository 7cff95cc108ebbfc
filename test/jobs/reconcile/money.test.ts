import { describe, expect, it } from 'vitest'
import {
  addDecimals,
  compareDecimals,
  type Decimal,
  formatDecimal,
  fromMajor,
  parseDecimal,
  toMajor,
} from '../../../jobs/reconcile/money.ts'

function decimal(text: string): Decimal {
  const parsed = parseDecimal(text)
  if (parsed === undefined) throw new Error(`${text} is no decimal`)
  return parsed
}

describe('a decimal', () => {
  it.each([
    ['12.30', '12.30'],
    ['0', '0'],
    ['0.05', '0.05'],
    ['-0.00', '0.00'],
    ['-0.05', '-0.05'],
    ['+7', '7'],
    [' 7.50 ', '7.50'],
    ['007.10', '7.10'],
    ['9007199254740993', '9007199254740993'],
    ['123456789012.12345678', '123456789012.12345678'],
    ['99999999999999999999999999999999999.999999999999999999999999999999', undefined],
  ])('is read and written digit by digit: %s', (text, written = text) => {
    expect(formatDecimal(decimal(text))).toBe(written)
  })

  it.each([
    ...['', ' ', '1,000.00', '1e3', '1E3', '.5', '5.', '1.2.3', '--1', '0x10', '1_000', 'NaN', 'Infinity'],
    ...['€5', '12 .3', '١٢', '1'.concat('\0')],
  ])('is never guessed: %j', (text) => {
    expect(parseDecimal(text)).toBeUndefined()
  })

  it.each([
    ['0.10', '0.1', 0],
    ['-0.00', '0', 0],
    ['12.30000000', '12.3', 0],
    ['9007199254740993', '9007199254740992', 1],
    ['0.1', '0.10000000000000000001', -1],
    ['-5', '3', -1],
  ])('compares by value: %s with %s', (left, right, order) => {
    expect(compareDecimals(decimal(left), decimal(right))).toBe(order)
    expect(compareDecimals(decimal(right), decimal(left))).toBe(order === 0 ? 0 : -order)
  })

  it('adds without losing a digit', () => {
    expect(formatDecimal(addDecimals(decimal('0.1'), decimal('0.20')))).toBe('0.30')
    expect(formatDecimal(addDecimals(decimal('9007199254740993'), decimal('0.00000001')))).toBe(
      '9007199254740993.00000001',
    )
  })
})

describe('minor units', () => {
  it.each([
    ['1230', 'EUR', '12.30'],
    ['1230', 'eur', '12.30'],
    ['5', 'USD', '0.05'],
    ['-5', 'USD', '-0.05'],
    ['1230', 'JPY', '1230'],
    ['5000000', 'KRW', '5000000'],
    ['1230', 'KWD', '1.230'],
    ['9007199254740993', 'EUR', '90071992547409.93'],
  ])('%s of %s are %s', (minor, currency, major) => {
    const amount = toMajor(decimal(minor), 'minor', currency)
    expect(amount && formatDecimal(amount)).toBe(major)
    expect(amount && fromMajor(amount, 'minor', currency)).toBe(formatDecimal(decimal(minor)))
  })

  // ISO 4217 has two places for each of these; the platform's tables say how cash is rounded.
  it.each(['HUF', 'IDR', 'COP', 'LBP'])('of %s are hundredths', (currency) => {
    expect(toMajor(decimal('1230'), 'minor', currency)).toEqual({ digits: 1230n, scale: 2 })
  })

  it('of a currency nobody knows are no amount', () => {
    expect(toMajor(decimal('1230'), 'minor', 'ZZZ')).toBeUndefined()
  })

  it.each([undefined, '', 'EURO', '€', 'E1R'])('without a currency (%j) are no amount', (currency) => {
    expect(toMajor(decimal('1230'), 'minor', currency)).toBeUndefined()
    expect(fromMajor(decimal('12.30'), 'minor', currency)).toBeUndefined()
  })

  it('do not take what is finer than they are', () => {
    expect(fromMajor(decimal('12.305'), 'minor', 'EUR')).toBeUndefined()
    expect(fromMajor(decimal('12.5'), 'minor', 'JPY')).toBeUndefined()
    expect(fromMajor(decimal('12.30000000'), 'minor', 'EUR')).toBe('1230')
  })
})

describe('major units', () => {
  it('are what they are, with or without a currency', () => {
    expect(toMajor(decimal('12.30'), 'major', undefined)).toEqual(decimal('12.30'))
    expect(fromMajor(decimal('12.30'), 'major', undefined)).toBe('12.30')
  })
})
