import { parse } from 'csv-parse/sync'
import { unreachable } from '../../../src/lib/errors.ts'

/** Fields of a line by name; undefined where the line has none. */
export type Fields = (name: string) => string | undefined

/** Undefined for a line that is not in the format. */
export type ParseLine = (line: string) => Fields | undefined

export type LineFormat = 'combined' | 'ndjson' | 'csv'

/** `header` is the first line of a CSV file. */
export function createParser(format: LineFormat, header: string): ParseLine {
  switch (format) {
    case 'combined':
      return parseCombined
    case 'ndjson':
      return parseJson
    case 'csv':
      return createCsvParser(header)
    default:
      return unreachable(format)
  }
}

/**
 * The common and the combined log format of Apache and nginx: host, identity, user, time, request, status, bytes, and
 * with combined referer and user agent (https://httpd.apache.org/docs/2.4/logs.html).
 */
const COMBINED =
  /^(\S+) \S+ (\S+) \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?/

const positions = new Map(
  Object.entries({
    host: 1,
    user: 2,
    time: 3,
    request: 4,
    status: 5,
    bytes: 6,
    referer: 7,
    userAgent: 8,
  }),
)

function parseCombined(line: string): Fields | undefined {
  const match = COMBINED.exec(line)
  if (match === null) return undefined
  return (name) => {
    const position = positions.get(name)
    if (position !== undefined) return match[position]
    return partOfRequest(match[4] ?? '', name)
  }
}

/** `GET /posts/7?x HTTP/1.1`: without its parts being cut apart for every field of every line. */
function partOfRequest(request: string, name: string): string | undefined {
  const first = request.indexOf(' ')
  const last = request.lastIndexOf(' ')
  if (first < 0) return undefined
  if (name === 'path') return request.slice(first + 1, last > first ? last : undefined)
  if (name === 'method') return request.slice(0, first)
  return name === 'protocol' && last > first ? request.slice(last + 1) : undefined
}

function parseJson(line: string): Fields | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const object: unknown = value
  return (name) => textOf(name.startsWith('/') ? follow(object, name) : member(object, name))
}

/** RFC 6901. */
function follow(value: unknown, pointer: string): unknown {
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(member, value)
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

function createCsvParser(header: string): ParseLine {
  const names = parseRecord(header.replace(/^\uFEFF/, '')) ?? []
  return (line) => {
    const values = parseRecord(line)
    if (values === undefined || values.length !== names.length) return undefined
    return (name) => values[names.indexOf(name)]
  }
}

/** A library for what has quotes; a line without any is cut at its commas. */
function parseRecord(line: string): readonly string[] | undefined {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line
  if (!text.includes('"')) return text.split(',')
  try {
    const [record] = parse(text) as readonly (readonly string[])[]
    return record
  } catch {
    return undefined
  }
}
