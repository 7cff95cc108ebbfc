/**
 * The text of SHOW CREATE TABLE, taken apart far enough to leave things out of it. Nothing inside quotes, parentheses or
 * comments is looked at: a default may be `'a,b)'`, a comment `PARTITION BY`.
 */
export interface TableText {
  /** Before the items, the parenthesis included. */
  readonly head: readonly Token[]
  /** Columns, keys and constraints, in order. */
  readonly items: readonly TableItem[]
  /** Behind the items, from the parenthesis on. */
  readonly tail: readonly Token[]
  /** What follows the parentheses, without the partitions. */
  readonly options: readonly Token[]
  readonly isPartitioned: boolean
}

export interface TableItem {
  readonly kind: ItemKind
  /** Of the column, key or constraint; empty where it has none. */
  readonly name: string
  readonly tokens: readonly Token[]
}

/** special: FULLTEXT, SPATIAL and VECTOR keys. period: an application-time period. */
export type ItemKind = 'column' | 'primary' | 'unique' | 'key' | 'special' | 'foreign' | 'check' | 'period'

/**
 * `depth`: how many parentheses are open around it. Whitespace is a token, so that joined texts give the whole.
 *
 * name: in backquotes. remark: a comment that no server reads. comment: what opens (`/*!80023`) or closes one that some
 * servers read; its words are tokens of their own. A quote that does not end is a symbol.
 */
export interface Token {
  readonly kind: 'space' | 'name' | 'text' | 'remark' | 'comment' | 'word' | 'symbol'
  readonly text: string
  readonly depth: number
}

// What MySQL hides from others, as in /*!80023 INVISIBLE */, gives a comment that opens, a word, and one that closes.
// Spaces and the letters of unquoted names as the servers have them: https://dev.mysql.com/doc/refman/8.4/en/identifiers.html
const forms =
  /(?<space>[\t\n\v\f\r ]+)|(?<name>`(?:[^`]|``)*`)|(?<text>'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*")|(?<remark>\/\*(?!M?!).*?\*\/|--(?=[\t\n\v\f\r ]|$)[^\n]*|#[^\n]*)|(?<comment>\/\*(?:M?!\d*)?|\*\/)|(?<word>[\w$@.\u{80}-\u{ffff}]+)|(?<symbol>.)/gsu

export function readTableText(createTable: string): TableText {
  const tokens = tokenize(createTable)
  const open = tokens.findIndex(({ text, depth }) => text === '(' && depth === 0)
  const close = tokens.findIndex(({ text, depth }, index) => index > open && text === ')' && depth === 0)
  const tail = tokens.slice(close + 1)
  const partitioning = tail.findIndex(({ text, depth }) => text.toUpperCase() === 'PARTITION' && depth === 0)
  return {
    head: tokens.slice(0, open + 1),
    items: splitAtCommas(tokens.slice(open + 1, close), 1).map(toItem),
    tail: tokens.slice(close),
    options: partitioning === -1 ? tail : withoutOpenComment(tail.slice(0, partitioning)),
    isPartitioned: partitioning !== -1,
  }
}

export function tokenize(text: string): readonly Token[] {
  let depth = 0
  return [...text.matchAll(forms)].map((match) => {
    const [kind, found] = Object.entries(match.groups ?? {}).find(([, part]) => part !== undefined) ?? []
    const token = { kind: kind as Token['kind'], text: found ?? '' }
    if (token.text === ')') depth -= 1
    const placed = { ...token, depth }
    if (token.text === '(') depth += 1
    return placed
  })
}

/** The CREATE TABLE with these items instead of its own. */
export function withItems({ head, tail }: TableText, items: readonly TableItem[]): string {
  const lines = items.map(({ tokens }) => `  ${textOf(tokens)}`)
  return `${textOf(head)}\n${lines.join(',\n')}\n${textOf(tail)}`
}

/** What is open where a text ends; undefined for a whole one. Ends a sentence. */
export function findUnfinished(tokens: readonly Token[]): string | undefined {
  const quote = tokens.find(({ kind, text }) => kind === 'symbol' && /['"`]/.test(text))
  if (quote !== undefined) return `a quote (${quote.text}) has no end`
  const markers = tokens.filter(({ kind }) => kind === 'comment')
  const isPaired = markers.every(({ text }, at) => (text === '*/') === (at % 2 === 1) && text !== '/*')
  if (!isPaired || markers.length % 2 === 1) return 'a comment has no beginning or no end'
  const parentheses = tokens.filter(({ kind }) => kind === 'symbol').map(({ text }) => text)
  const balance = count(parentheses, '(') - count(parentheses, ')')
  const isCrossed = tokens.some(({ depth }) => depth < 0)
  return balance === 0 && !isCrossed ? undefined : 'the parentheses do not match'
}

function count(texts: readonly string[], wanted: string): number {
  return texts.filter((text) => text === wanted).length
}

export function textOf(tokens: readonly Token[]): string {
  return tokens
    .map(({ text }) => text)
    .join('')
    .trim()
}

/** At the commas around which `depth` parentheses are open. */
export function splitAtCommas(tokens: readonly Token[], depth: number): readonly (readonly Token[])[] {
  const commas = tokens.flatMap((token, index) =>
    token.text === ',' && token.depth === depth ? [index] : [],
  )
  return [...commas, tokens.length].map((end, index) =>
    trimSpace(tokens.slice(index === 0 ? 0 : (commas[index - 1] ?? 0) + 1, end)),
  )
}

export function trimSpace(tokens: readonly Token[]): readonly Token[] {
  const start = tokens.findIndex(({ kind }) => kind !== 'space')
  return tokens.slice(start, tokens.findLastIndex(({ kind }) => kind !== 'space') + 1)
}

/** MySQL puts partitions into a comment of its own; what opens it goes with them. */
function withoutOpenComment(tokens: readonly Token[]): readonly Token[] {
  const last = tokens.findLastIndex(({ kind }) => kind !== 'space')
  return tokens[last]?.text.startsWith('/*') === true ? tokens.slice(0, last) : tokens
}

function toItem(tokens: readonly Token[]): TableItem {
  const name = tokens.find(({ kind, depth }) => kind === 'name' && depth === 1)
  return { kind: kindOf(tokens), name: unquote(name?.text ?? ''), tokens }
}

/** A column begins with its name, which is always quoted; everything else with a keyword. */
function kindOf(tokens: readonly Token[]): ItemKind {
  const words = tokens.flatMap(({ kind, text, depth }) =>
    kind === 'word' && depth === 1 ? [text.toUpperCase()] : [],
  )
  if (tokens[0]?.kind === 'name') return 'column'
  if (words.includes('FOREIGN')) return 'foreign'
  if (words.includes('CHECK')) return 'check'
  return kindByKeyword.get(words[0] ?? '') ?? 'key'
}

const kindByKeyword = new Map<string, ItemKind>([
  ['PRIMARY', 'primary'],
  ['UNIQUE', 'unique'],
  ['FULLTEXT', 'special'],
  ['SPATIAL', 'special'],
  ['VECTOR', 'special'],
  ['PERIOD', 'period'],
])

/** Of a name in backquotes. */
export function unquote(name: string): string {
  return name.slice(1, -1).replaceAll('``', '`')
}
