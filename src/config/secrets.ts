import { RowkeeperError } from '../lib/errors.ts'
import { type Finding, formatPath, type Path } from './problem.ts'

/** Where a value was fetched from. */
export type Reference =
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'secretFile'; readonly path: string }

/** One fetched value, and the place it was put. */
export interface Fetched {
  readonly path: Path
  readonly reference: Reference
  readonly value: string
}

export interface ReferenceSources {
  readonly environment: NodeJS.ProcessEnv
  /** Throws RowkeeperError when the file cannot be read. */
  readonly readSecretFile: (path: string) => string
}

export interface Filled {
  readonly tree: unknown
  readonly fetched: readonly Fetched[]
  readonly findings: readonly Finding[]
}

const referencePattern = /\$\{([^}]*)\}?/g

/**
 * Puts the values of `${env:NAME}`, `${env:NAME:-default}` and `${file:path}` into the texts of a tree. Fetched
 * values are data: never parsed as YAML, never searched for references again. A variable that is missing or
 * empty is a finding, unless a default is given.
 */
export function fillReferences(tree: unknown, sources: ReferenceSources): Filled {
  const fetched: Fetched[] = []
  const findings: Finding[] = []
  const fillText = (text: string, path: Path) =>
    text.replaceAll(referencePattern, (written, inside: string) => {
      const outcome = fetch(written, inside, sources)
      if (outcome.kind === 'problem') findings.push({ path, message: outcome.message })
      if (outcome.kind === 'fetched')
        fetched.push({ path, reference: outcome.reference, value: outcome.value })
      return outcome.kind === 'problem' ? written : outcome.value
    })
  const filled = mapTexts(tree, [], fillText)
  return { tree: filled, fetched, findings }
}

/** The references behind each value, by its path as text. */
export function referencesByPath(fetched: readonly Fetched[]): ReadonlyMap<string, readonly Reference[]> {
  return fetched.reduce((byPath, { path, reference }) => {
    const place = formatPath(path)
    return byPath.set(place, [...(byPath.get(place) ?? []), reference])
  }, new Map<string, readonly Reference[]>())
}

type Outcome =
  | { readonly kind: 'fetched'; readonly value: string; readonly reference: Reference }
  | { readonly kind: 'default'; readonly value: string }
  | { readonly kind: 'problem'; readonly message: string }

function fetch(written: string, inside: string, sources: ReferenceSources): Outcome {
  const [, name, , fallback] = /^env:([A-Za-z_][A-Za-z0-9_]*)(:-(.*))?$/s.exec(inside) ?? []
  if (name !== undefined) return fetchVariable(name, fallback, sources.environment)
  const [, file] = /^file:(.+)$/s.exec(inside) ?? []
  if (file !== undefined) return fetchFile(file, sources.readSecretFile)
  return {
    kind: 'problem',
    message: `${written} cannot be read; write \${env:NAME}, \${env:NAME:-default} or \${file:path}`,
  }
}

function fetchVariable(name: string, fallback: string | undefined, environment: NodeJS.ProcessEnv): Outcome {
  const value = environment[name]
  if (value !== undefined && value !== '')
    return { kind: 'fetched', value, reference: { kind: 'environment', name } }
  if (fallback !== undefined) return { kind: 'default', value: fallback }
  const state = value === '' ? 'empty' : 'not set'
  return {
    kind: 'problem',
    message: `the environment variable ${name} is ${state}; set it, or write \${env:${name}:-default}`,
  }
}

function fetchFile(path: string, readSecretFile: (path: string) => string): Outcome {
  try {
    const value = readSecretFile(path).replace(/\r?\n$/, '')
    return { kind: 'fetched', value, reference: { kind: 'secretFile', path } }
  } catch (error) {
    if (!(error instanceof RowkeeperError)) throw error
    return { kind: 'problem', message: error.message }
  }
}

function mapTexts(value: unknown, path: Path, map: (text: string, path: Path) => string): unknown {
  if (typeof value === 'string') return map(value, path)
  if (Array.isArray(value)) return value.map((item, index) => mapTexts(item, [...path, index], map))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, mapTexts(item, [...path, key], map)]),
  )
}
