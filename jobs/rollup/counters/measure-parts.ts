import { raw } from '../../../src/db/statement.ts'
import type { KeyValue } from '../../../src/engine/chunks/keyset.ts'
import { unreachable } from '../../../src/lib/errors.ts'
import { toDecimal } from '../fold/amount.ts'
import type { Counted } from '../fold/fold.ts'
import type { CounterTable } from '../tables.ts'

/** Where the amount of a measure is found among those of its kind. */
export type MeasurePart =
  | { readonly type: 'count'; readonly name: string }
  | { readonly type: 'sum'; readonly name: string; readonly position: number; readonly scale: number }
  | { readonly type: 'unique'; readonly name: string; readonly position: number }

/** All measures that are added to as numbers; estimates are set, from their sketches. */
export function addedParts({ measures, scales, uniques }: CounterTable): readonly MeasurePart[] {
  let sums = 0
  let sets = 0
  const parts = measures.map(({ name, type }): MeasurePart => {
    if (type === 'count') return { type, name }
    if (type === 'unique') return { type, name, position: sets++ }
    return { type, name, scale: scales[sums] ?? 0, position: sums++ }
  })
  return parts.filter(({ type }) => type !== 'unique' || uniques === 'exact')
}

export function amountOf(
  part: MeasurePart,
  { events, amounts }: Pick<Counted, 'events' | 'amounts'>,
  uniques: readonly number[] | undefined,
): KeyValue {
  switch (part.type) {
    case 'count':
      return events
    case 'sum':
      return raw(toDecimal(amounts[part.position] ?? 0n, part.scale))
    case 'unique':
      return uniques?.[part.position] ?? 0
    default:
      return unreachable(part)
  }
}
