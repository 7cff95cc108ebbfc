import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml'
import { type Finding, formatPath, type Path } from './problem.ts'

export interface Position {
  readonly line: number
  readonly column: number
}

/** A YAML file as plain data that still knows where each value stood. */
export interface YamlDocument {
  readonly tree: unknown
  /** The position of the value at `path`, or of its nearest existing ancestor. */
  readonly locate: (path: Path) => Position
}

export interface SyntaxProblem extends Position {
  readonly path: string
  readonly message: string
}

const MAXIMUM_BYTES = 1024 * 1024
const MAXIMUM_DEPTH = 32
const MAXIMUM_ALIASES = 100

/**
 * YAML 1.2 core: `yes`, `no` and `on` are text, dates are text, `012` is twelve; duplicate keys, merge keys,
 * second documents and unknown tags are problems. A number that a float cannot hold stays the text it was.
 */
export function readYaml(text: string): YamlDocument | { readonly problems: readonly SyntaxProblem[] } {
  if (Buffer.byteLength(text) > MAXIMUM_BYTES)
    return wholeFile('the file is larger than 1 MiB; this cannot be a configuration')
  const lines = new LineCounter()
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: true,
    prettyErrors: false,
    lineCounter: lines,
  })
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const problems = [...document.errors, ...document.warnings].map((error) => ({
    ...position(error.pos[0]),
    path: '',
    message: describeSyntax(error.code, error.message),
  }))
  if (problems.length > 0) return { problems }
  if (document.directives.yaml.version !== '1.2')
    return wholeFile('this is YAML 1.2; remove the line that begins with %YAML')
  const locate = (path: Path) => position(findOffset(document, path))
  const findings = findUnsafe(document)
  if (findings.length > 0)
    return {
      problems: findings.map(({ path, message }) => ({ ...locate(path), path: formatPath(path), message })),
    }
  keepExactNumbers(document)
  return toTree(document, locate)
}

function toTree(document: Document.Parsed, locate: YamlDocument['locate']): ReturnType<typeof readYaml> {
  if (document.contents === null || (isScalar(document.contents) && document.contents.value === null))
    return wholeFile('the file is empty; write one with: rowkeeper init')
  try {
    const tree: unknown = document.toJS({ maxAliasCount: MAXIMUM_ALIASES })
    if (isDeeper(tree, MAXIMUM_DEPTH))
      return wholeFile(`values are nested deeper than ${MAXIMUM_DEPTH} levels`)
    return { tree, locate }
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error
    return wholeFile('aliases (*name) are repeated too often or refer to themselves')
  }
}

function wholeFile(message: string): { readonly problems: readonly SyntaxProblem[] } {
  return { problems: [{ line: 1, column: 1, path: '', message }] }
}

function describeSyntax(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands twice in the same mapping'
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here (---); a configuration is one document'
  if (code === 'TAB_AS_INDENT') return 'a tab is used as indentation; YAML takes spaces only'
  if (code === 'TAG_RESOLVE_FAILED') return `tags are not supported: ${message}`
  return `not valid YAML: ${message}`
}

/** `__proto__` would reach into the object it is set on; `<<` would look merged and is not. */
function findUnsafe(document: Document.Parsed): Finding[] {
  const found: Finding[] = []
  visit(document, {
    Pair(_, pair, ancestors) {
      const path = [...ancestors.filter((node) => isPair(node)).map((node) => keyText(node)), keyText(pair)]
      const message = describeKey(pair.key)
      if (message !== undefined) found.push({ path, message })
    },
  })
  return found
}

function describeKey(key: unknown): string | undefined {
  if (!isScalar(key)) return 'a key must be plain text'
  if (key.value === '__proto__') return 'this key is not allowed'
  if (key.value === '<<') return 'merge keys (<<) are not supported; write the keys out'
  return undefined
}

function keyText(pair: { key: unknown }): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
}

function keepExactNumbers(document: Document.Parsed): void {
  visit(document, {
    Scalar(_, node: Scalar) {
      if (typeof node.value !== 'number' || node.source === undefined) return
      if (!isExact(node.source, node.value)) node.value = node.source
    },
  })
}

function isExact(source: string, value: number): boolean {
  if (!/^[-+]?\d+(\.\d+)?$/.test(source)) return true
  return canonical(source) === canonical(String(value))
}

function canonical(decimal: string): string {
  const [whole = '', fraction = ''] = decimal.replace(/^\+/, '').split('.')
  const digits = fraction.replace(/0+$/, '')
  return `${whole.replace(/^(-?)0+(?=\d)/, '$1')}${digits === '' ? '' : `.${digits}`}`
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((child) => isDeeper(child, levels - 1))
}

/** Follows the path as far as it exists; a mapping's entry begins at its key. */
function findOffset(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents
  let offset = rangeStart(node) ?? 0
  for (const part of path) {
    const container = isAlias(node) ? node.resolve(document) : node
    const pair = isMap(container) ? container.items.find((item) => keyText(item) === String(part)) : undefined
    const item = isSeq(container) && typeof part === 'number' ? container.items[part] : undefined
    const start = rangeStart(pair?.key ?? item)
    if (start === undefined) return offset
    offset = start
    node = pair === undefined ? item : pair.value
  }
  return offset
}

function rangeStart(node: unknown): number | undefined {
  const { range } = (node ?? {}) as { range?: readonly [number, number, number] | null }
  return range?.[0]
}
