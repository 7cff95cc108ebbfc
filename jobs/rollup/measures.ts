import { findIdentifierProblem } from '../../src/config/fields.ts'

/** One column of the counter table. `count` and `sum` add up; of `unique` only sets of values do. */
export type Measure =
  | { readonly type: 'count'; readonly name: string }
  | { readonly type: 'sum'; readonly name: string; readonly column: string }
  | { readonly type: 'unique'; readonly name: string; readonly column: string }

export function toMeasures({
  measures,
}: {
  readonly measures: Readonly<Record<string, string>>
}): readonly Measure[] {
  return Object.entries(measures).map(([name, text]) => toMeasure(name, text))
}

function toMeasure(name: string, text: string): Measure {
  const { type, column } = split(text)
  if (type === 'sum' || type === 'unique') return { type, name, column }
  return { type: 'count', name }
}

export function findMeasureProblem(text: string): string | undefined {
  const { type, column } = split(text)
  if (text === 'count') return undefined
  if (type !== 'sum' && type !== 'unique')
    return `expected count, sum:<column> or unique:<column>, found ${JSON.stringify(text)}`
  return findIdentifierProblem(column)
}

function split(text: string): { readonly type: string; readonly column: string } {
  const colon = text.indexOf(':')
  return colon < 0
    ? { type: text, column: '' }
    : { type: text.slice(0, colon), column: text.slice(colon + 1).trim() }
}
