import type { CounterTable } from '../../tables.ts'

/** A measure whose larger buckets are the sums of its smaller ones. */
export interface AdditiveMeasure {
  readonly name: string
  readonly type: 'count' | 'sum'
  readonly scale: number
}

/** Different values are left out: those of a day are fewer than those of its hours together. */
export function additiveMeasures({ measures, scales }: CounterTable): readonly AdditiveMeasure[] {
  let sums = 0
  return measures.flatMap(({ name, type }): readonly AdditiveMeasure[] => {
    if (type === 'unique') return []
    return [{ name, type, scale: type === 'sum' ? (scales[sums++] ?? 0) : 0 }]
  })
}
