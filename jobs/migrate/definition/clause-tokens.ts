import { type Token, tokenize, trimSpace, unquote } from '../../../src/db/table-text.ts'

/** Tokens of a clause from some word on. None of these functions looks at a space. */
export type Tokens = readonly Token[]

export function startsWith(tokens: Tokens, ...words: readonly string[]): boolean {
  const first = leading(tokens, words.length)
  return words.every((word, at) => isWord(first[at], word))
}

export function isWord(token: Token | undefined, word: string): boolean {
  return (token?.kind === 'word' || token?.kind === 'symbol') && token.text.toUpperCase() === word
}

/** What follows these words; all of it when it does not start with them. */
export function skip(tokens: Tokens, ...words: readonly string[]): Tokens {
  return startsWith(tokens, ...words) ? skipCount(tokens, words.length) : trimSpace(tokens)
}

/** What follows one of these words, as INDEX and KEY are one; all of it when it starts with none. */
export function skipOneOf(tokens: Tokens, ...words: readonly string[]): Tokens {
  const found = words.find((word) => startsWith(tokens, word))
  return found === undefined ? trimSpace(tokens) : skip(tokens, found)
}

export function skipCount(tokens: Tokens, count: number): Tokens {
  const last = leading(tokens, count)[count - 1]
  return last === undefined ? [] : trimSpace(tokens.slice(tokens.indexOf(last) + 1))
}

export interface TakenName {
  readonly name: string
  readonly rest: Tokens
}

/** Undefined where no name of a column, index or constraint stands: a quoted text, `table.column`, nothing. */
export function takeName(tokens: Tokens): TakenName | undefined {
  const name = nameOf(leading(tokens, 1)[0])
  return name === undefined ? undefined : { name, rest: skipCount(tokens, 1) }
}

/** The name, where nothing follows it. */
export function takeLastName(tokens: Tokens): string | undefined {
  const taken = takeName(tokens)
  return taken?.rest.length === 0 ? taken.name : undefined
}

export function nameOf(token: Token | undefined): string | undefined {
  if (token?.kind === 'name') return unquote(token.text)
  return token?.kind === 'word' && !/[.@]/.test(token.text) ? token.text : undefined
}

/** What stands in the parentheses with which the tokens begin. Undefined where there are none. */
export function takeGroup(tokens: Tokens): { readonly inner: Tokens; readonly rest: Tokens } | undefined {
  const [open] = tokens
  if (!isWord(open, '(')) return undefined
  const close = tokens.findIndex((token) => isWord(token, ')') && token.depth === open?.depth)
  if (close === -1) return undefined
  return { inner: trimSpace(tokens.slice(1, close)), rest: trimSpace(tokens.slice(close + 1)) }
}

/** The first tokens that are no space. */
function leading(tokens: Tokens, count: number): Tokens {
  const found: Token[] = []
  for (const token of tokens) {
    if (found.length === count) break
    if (token.kind !== 'space') found.push(token)
  }
  return found
}

export function significant(tokens: Tokens): Tokens {
  return tokens.filter(({ kind }) => kind !== 'space')
}

/** As the servers compare names of columns and indexes. */
export function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

export interface QualifiedName {
  readonly schema: string | undefined
  readonly table: string
  /** What follows the name. */
  readonly rest: string
}

const qualified =
  /^(`(?:[^`]|``)+`|[\w$\u{80}-\u{ffff}]+)(?:\s*\.\s*(`(?:[^`]|``)+`|[\w$\u{80}-\u{ffff}]+))?/u

/** Of a table, with its schema or without, at the start of a text. */
export function takeTableName(text: string): QualifiedName | undefined {
  const [whole, first, second] = qualified.exec(text) ?? []
  if (whole === undefined || first === undefined) return undefined
  const rest = text.slice(whole.length).trim()
  if (second === undefined) return { schema: undefined, table: bare(first), rest }
  return { schema: bare(first), table: bare(second), rest }
}

function bare(name: string): string {
  return nameOf(tokenize(name)[0]) ?? name
}
