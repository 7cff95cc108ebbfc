import type { Column } from '../../../src/db/catalog.ts'

/** As exact text beside the numbers, since some do not fit a float. */
export interface NumberBounds {
  readonly low: number
  readonly high: number
  readonly lowText: string
  readonly highText: string
  readonly text: string
}

const bits: Readonly<Record<string, bigint>> = {
  ...{ tinyint: 8n, smallint: 16n, mediumint: 24n, int: 32n, bigint: 64n },
}

/** Of whole numbers and DECIMAL; floats reach everywhere. Undefined for what is no number. */
export function boundsOf(column: Column): NumberBounds | undefined {
  const isUnsigned = column.columnType.includes('unsigned')
  const size = bits[column.dataType]
  if (size !== undefined) {
    const high = 2n ** (isUnsigned ? size : size - 1n) - 1n
    return toBounds(String(isUnsigned ? 0n : -high - 1n), String(high))
  }
  if (column.dataType === 'decimal') {
    const [, precision = 10, scale = 0] = /\((\d+)(?:,(\d+))?\)/.exec(column.columnType) ?? []
    const whole = '9'.repeat(Number(precision) - Number(scale)) || '0'
    const high = Number(scale) === 0 ? whole : `${whole}.${'9'.repeat(Number(scale))}`
    return toBounds(isUnsigned ? '0' : `-${high}`, high)
  }
  if (column.dataType === 'float' || column.dataType === 'double')
    return { ...toBounds('-1e308', '1e308'), low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  return undefined
}

function toBounds(lowText: string, highText: string): NumberBounds {
  const [low, high] = [Number(lowText), Number(highText)]
  return { low, high, lowText, highText, text: `${lowText} and ${highText}` }
}

const FLOAT_SCALE = 30

/** Digits behind the point; ROUND knows no more than 30. */
export function scaleOf({ dataType, columnType }: Column): number {
  if (dataType === 'float' || dataType === 'double') return FLOAT_SCALE
  return dataType === 'decimal' ? Number(/,(\d+)\)/.exec(columnType)?.[1] ?? 0) : 0
}
