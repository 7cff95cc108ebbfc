import type { z } from 'zod'
import type { Finding, Path } from './problem.ts'
import { keysOf, type Schemas, schemasAt } from './schema-walk.ts'
import { suggest } from './suggest.ts'

type Issue = z.core.$ZodIssue

/** What was checked: the schemas that cover the place, and the value that was there. */
export interface Checked {
  readonly schemas: Schemas
  readonly input: unknown
  /** Where the place is in the configuration. */
  readonly path: Path
}

/** The findings of one schema check, in words for whoever wrote the file. */
export function describeIssues(issues: readonly Issue[], checked: Checked): Finding[] {
  return issues.flatMap((issue) => describeIssue(issue, checked))
}

function describeIssue(issue: Issue, checked: Checked): Finding[] {
  const within = issue.path.map(toPart)
  const path = [...checked.path, ...within]
  const value = valueAt(checked.input, within)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: `unknown key${suggest(key, keysOf(schemasAt(checked.schemas, within)), 'known keys')}`,
      }))
    case 'invalid_union':
      if (isOwnMessage(issue.message)) return [{ path, message: issue.message }]
      return describeUnion(issue.errors, {
        ...checked,
        path,
        input: value,
        schemas: schemasAt(checked.schemas, within),
      })
    case 'invalid_type':
      return [
        {
          path,
          message: isOwnMessage(issue.message) ? issue.message : describeType([issue.expected], value),
        },
      ]
    case 'invalid_value':
      return [{ path, message: describeChoice(issue.values.map(String), value) }]
    case 'too_small':
      return [{ path, message: describeLimit('at least', issue.minimum, value) }]
    case 'too_big':
      return [{ path, message: describeLimit('at most', issue.maximum, value) }]
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ path, message }))
    default:
      return [{ path, message: issue.message }]
  }
}

/** Of several shapes, the one that was probably meant: the right kind of value, with the fewest faults. */
function describeUnion(all: readonly (readonly Issue[])[], checked: Checked): Finding[] {
  const wrongType = all.map((issues) =>
    issues.find((issue) => issue.path.length === 0 && issue.code === 'invalid_type'),
  )
  const meant = all
    .filter((_, index) => wrongType[index] === undefined)
    .toSorted((one, other) => one.length - other.length)[0]
  if (meant === undefined) {
    const expected = wrongType.flatMap((issue) => (issue?.code === 'invalid_type' ? [issue.expected] : []))
    return [{ path: checked.path, message: describeType(expected, checked.input) }]
  }
  const unknown = meant.filter((issue) => issue.code === 'unrecognized_keys' && issue.path.length === 0)
  return describeIssues(unknown.length > 0 ? unknown : meant, checked)
}

const typeWords: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  null: 'nothing',
}

function describeType(expected: readonly string[], value: unknown): string {
  if (value === undefined) return 'required key is missing'
  const wanted = [...new Set(expected.map((type) => typeWords[type] ?? type))].join(' or ')
  if (value === null) return `has no value; expected ${wanted}`
  const quotes =
    wanted === 'text' && typeof value !== 'object' ? `; put it in quotes: "${String(value)}"` : ''
  return `expected ${wanted}, found ${describeValue(value)}${quotes}`
}

function describeChoice(values: readonly string[], value: unknown): string {
  if (value === undefined) return 'required key is missing'
  const wanted = values.length === 1 ? (values[0] ?? '') : `one of ${values.join(', ')}`
  const near = typeof value === 'string' && values.length > 1 ? suggest(value, values) : ''
  return `expected ${wanted}, found ${describeValue(value)}${near.includes('did you mean') ? near : ''}`
}

function describeLimit(side: string, limit: number | bigint, value: unknown): string {
  if (Array.isArray(value)) return `expected ${side} ${limit} in the list, found ${value.length}`
  return `expected ${side} ${limit}, found ${describeValue(value)}`
}

function describeValue(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a mapping'
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

/** The library's own words begin with "Invalid"; ours never do. */
function isOwnMessage(message: string): boolean {
  return !message.startsWith('Invalid')
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    return (value as Record<string | number, unknown>)[part]
  }, input)
}

function toPart(part: PropertyKey): string | number {
  return typeof part === 'symbol' ? String(part) : part
}
