import { z } from 'zod'
import { type FieldKind, fieldKinds } from './fields.ts'
import type { Path } from './problem.ts'

/**
 * Schemas read as data: which keys there are, what a key takes, what it is without a value. A place may be
 * covered by several schemas (the branches of a union; a job's common keys and its own).
 */
export type Schemas = readonly z.ZodType[]

/** The name of the field kind and what may be printed; undefined for containers and free text. */
export function fieldKindOf(schema: z.ZodType): FieldKind | undefined {
  const registered = fieldKinds.get(schema)
  if (registered !== undefined) return registered
  if (schema instanceof z.ZodEnum) return { kind: schema.options.join(' | '), secrecy: 'plain' }
  if (schema instanceof z.ZodBoolean) return { kind: 'true or false', secrecy: 'plain' }
  const inner = unwrap(schema)
  return inner === undefined ? undefined : fieldKindOf(inner)
}

/** The value a key has when it is not written, as the user would write it; undefined when there is none. */
export function defaultOf(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault) return schema.def.defaultValue
  const inner = unwrap(schema)
  return inner === undefined ? undefined : defaultOf(inner)
}

/** True when a key may be left out and is then absent. */
export function isOptional(schema: z.ZodType): boolean {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional
}

export function descriptionOf(schema: z.ZodType): string {
  const inner = unwrap(schema)
  return schema.description ?? (inner === undefined ? '' : descriptionOf(inner))
}

/** The schemas that remain when wrappers are taken off and unions are spread out. */
export function branches(schema: z.ZodType): Schemas {
  const inner = unwrap(schema)
  if (inner !== undefined) return branches(inner)
  if (schema instanceof z.ZodUnion) return schema.def.options.flatMap((option) => branches(asType(option)))
  return [schema]
}

/** The fixed keys of a place. */
export function keysOf(schemas: Schemas): readonly string[] {
  const keys = schemas
    .flatMap(branches)
    .flatMap((branch) => (isObject(branch) ? Object.keys(branch.def.shape) : []))
  return [...new Set(keys)]
}

/** What covers one key, or one place in a list, below. */
export function childrenOf(schemas: Schemas, part: string | number): Schemas {
  return schemas.flatMap(branches).flatMap((branch): Schemas => {
    if (isObject(branch)) {
      const child = Object.hasOwn(branch.def.shape, part) ? branch.def.shape[part] : undefined
      return child === undefined ? [] : [asType(child)]
    }
    if (branch instanceof z.ZodRecord) return [asType(branch.def.valueType)]
    if (branch instanceof z.ZodArray) return [asType(branch.def.element)]
    return []
  })
}

export function schemasAt(schemas: Schemas, path: Path): Schemas {
  return path.reduce(childrenOf, schemas)
}

/** True when keys or places below have schemas of their own. */
export function isContainer(schemas: Schemas): boolean {
  return schemas
    .flatMap(branches)
    .some((branch) => isObject(branch) || branch instanceof z.ZodRecord || branch instanceof z.ZodArray)
}

function isObject(schema: z.ZodType): schema is z.ZodObject {
  return schema instanceof z.ZodObject
}

function unwrap(schema: z.ZodType): z.ZodType | undefined {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly
  )
    return asType(schema.def.innerType)
  return schema instanceof z.ZodPipe ? asType(schema.def.in) : undefined
}

/** zod types the inside of a schema by its core, which every schema of the library extends. */
function asType(schema: z.core.$ZodType): z.ZodType {
  return schema as z.ZodType
}
