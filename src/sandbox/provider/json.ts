/** JSON whose numbers keep every digit: 12.30 stays 12.30 and 9007199254740993 stays odd. */

const digits = Symbol('digits')

export interface ExactNumber {
  readonly [digits]: string
}

export interface JsonObject {
  readonly [name: string]: Json | undefined
}

/** Members that are undefined are left out. */
export type Json = string | number | boolean | null | ExactNumber | readonly Json[] | JsonObject

/** A JSON number written with exactly these characters. */
export const exactNumber = (text: string): ExactNumber => ({ [digits]: text })

export function writeJson(value: Json): string {
  if (isExactNumber(value)) return value[digits]
  if (isList(value)) return `[${value.map(writeJson).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).flatMap(([name, member]) =>
    member === undefined ? [] : `${JSON.stringify(name)}:${writeJson(member)}`,
  )
  return `{${members.join(',')}}`
}

const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

/** Every number arrives as its own text. Node 20's `JSON.parse` does not show a number's source to its reviver. */
export function readJson(text: string): unknown {
  return JSON.parse(text.replace(stringOrNumber, (token) => (token.startsWith('"') ? token : `"${token}"`)))
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value)

const isExactNumber = (value: Json): value is ExactNumber =>
  typeof value === 'object' && value !== null && digits in value
