import { LosslessNumber, parse } from 'lossless-json'

/** A number as the remote wrote it: `value` is the exact text. `JSON.parse` reads 9007199254740993 as …992. */
export type ExactNumber = LosslessNumber

export type JsonValue =
  | null
  | boolean
  | string
  | ExactNumber
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** By class, not by shape: a remote may send an object that looks like one. */
export function isExactNumber(value: JsonValue | undefined): value is ExactNumber {
  return value instanceof LosslessNumber
}

/** Throws SyntaxError on anything but JSON (RFC 8259), also on a key given twice with different values. */
export function parseJson(text: string): JsonValue {
  return parse(text) as JsonValue
}

/**
 * The value at a JSON pointer (RFC 6901): `/a/b/0`; an empty pointer is the whole body. Undefined when nothing is
 * there, also when the pointer leads through a text or a number. Only own keys are found.
 */
export function readPointer(body: JsonValue, pointer: string): JsonValue | undefined {
  if (pointer === '') return body
  if (!pointer.startsWith('/')) return undefined
  let value: JsonValue | undefined = body
  for (const token of pointer.slice(1).split('/')) {
    value = readMember(value, token.replaceAll('~1', '/').replaceAll('~0', '~'))
    if (value === undefined) return undefined
  }
  return value
}

const arrayIndex = /^(?:0|[1-9]\d*)$/

function readMember(value: JsonValue, key: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return undefined
  if (isArray(value)) return arrayIndex.test(key) ? value[Number(key)] : undefined
  return Object.hasOwn(value, key) ? value[key] : undefined
}

// Array.isArray does not narrow readonly arrays.
function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
