import type { z } from 'zod'
import type { FieldKind, Secrecy } from './fields.ts'
import type { Path } from './problem.ts'
import { childrenOf, defaultOf, fieldKindOf, isContainer, keysOf, type Schemas } from './schema-walk.ts'

/** One value in force, as it is written in a file: durations as `5s`, not as milliseconds. */
export interface EffectiveValue {
  readonly path: Path
  readonly value: unknown
  readonly origin: 'written' | 'default'
  /** `free` when the schema says nothing about who may see it. */
  readonly secrecy: Secrecy | 'free'
  /** The value is the name of an entry of this group. */
  readonly refersTo: FieldKind['refersTo']
}

/** All values of one place, defaults filled in, in the order of the schema. */
export function effectiveValues(schema: z.ZodType, input: unknown, path: Path): EffectiveValue[] {
  return listValues([schema], input, { path, origin: 'written' })
}

interface Place {
  readonly path: Path
  readonly origin: EffectiveValue['origin']
}

function listValues(schemas: Schemas, written: unknown, place: Place): EffectiveValue[] {
  const fallback = written === undefined ? firstDefault(schemas) : undefined
  const value = written ?? fallback
  if (value === undefined) return []
  const origin = written === undefined ? 'default' : place.origin
  const entries = isContainer(schemas) ? entriesOf(schemas, value) : undefined
  if (entries === undefined || (Array.isArray(value) && !value.some(isStructure)))
    return [{ path: place.path, value, origin, ...kindOf(schemas) }]
  return entries.flatMap(([part, child]) =>
    listValues(childrenOf(schemas, part), child, { path: [...place.path, part], origin }),
  )
}

function entriesOf(
  schemas: Schemas,
  value: unknown,
): readonly (readonly [string | number, unknown])[] | undefined {
  if (Array.isArray(value)) return value.map((item, index) => [index, item] as const)
  if (!isStructure(value)) return undefined
  const written = value as Readonly<Record<string, unknown>>
  const keys = new Set([...keysOf(schemas), ...Object.keys(written)])
  return [...keys].map((key) => [key, written[key]] as const)
}

function firstDefault(schemas: Schemas): unknown {
  return schemas.map(defaultOf).find((value) => value !== undefined)
}

function kindOf(schemas: Schemas): Pick<EffectiveValue, 'secrecy' | 'refersTo'> {
  const kind = schemas.map(fieldKindOf).find((found) => found !== undefined)
  return { secrecy: kind?.secrecy ?? 'free', refersTo: kind?.refersTo }
}

function isStructure(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
