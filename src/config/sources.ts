import { unreachable } from '../lib/errors.ts'
import type { EffectiveValue } from './effective.ts'
import { formatPath } from './problem.ts'
import { type Fetched, type Reference, referencesByPath } from './secrets.ts'
import type { YamlDocument } from './yaml-document.ts'

/** Where a value in force came from. */
export type ValueSource =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | {
      readonly kind: 'reference'
      readonly references: readonly Reference[]
      readonly file: string
      readonly line: number
    }

export interface Traced {
  readonly fetched: readonly Fetched[]
  readonly document: YamlDocument
  readonly fileName: string
}

/** The source of each value, by its path as text. */
export function traceValues(
  values: readonly EffectiveValue[],
  { fetched, document, fileName }: Traced,
): ReadonlyMap<string, ValueSource> {
  const references = referencesByPath(fetched)
  const trace = ({ path, origin }: EffectiveValue): ValueSource => {
    if (origin === 'default') return { kind: 'default' }
    const place = { file: fileName, line: document.locate(path).line }
    const from = references.get(formatPath(path))
    return from === undefined ? { kind: 'file', ...place } : { kind: 'reference', references: from, ...place }
  }
  return new Map(values.map((value) => [formatPath(value.path), trace(value)]))
}

/** `default`, `rowkeeper.yaml:12`, `env SHOP_URL`, `file /run/secrets/token`. */
export function describeSource(source: ValueSource): string {
  switch (source.kind) {
    case 'default':
      return 'default'
    case 'file':
      return `${source.file}:${source.line}`
    case 'reference':
      return source.references.map(describeReference).join(', ')
    default:
      return unreachable(source)
  }
}

function describeReference(reference: Reference): string {
  return reference.kind === 'environment' ? `env ${reference.name}` : `file ${reference.path}`
}
