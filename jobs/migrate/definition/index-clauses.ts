import type { IndexPart } from '../../../src/db/catalog.ts'
import { splitAtCommas, textOf } from '../../../src/db/table-text.ts'
import type { ClauseSubject, IndexSubject } from './alter-model.ts'
import {
  isWord,
  significant,
  skip,
  skipOneOf,
  startsWith,
  type Tokens,
  takeGroup,
  takeLastName,
  takeName,
} from './clause-tokens.ts'

// Readers of what stands behind ADD, DROP, ALTER. Undefined: no name or no columns can be read where some must stand.

const kinds: readonly (readonly [words: readonly string[], kind: IndexSubject['kind']])[] = [
  [['PRIMARY', 'KEY'], 'primary'],
  [['UNIQUE'], 'unique'],
  [['INDEX'], 'key'],
  [['KEY'], 'key'],
  [['FULLTEXT'], 'fulltext'],
  [['SPATIAL'], 'spatial'],
  [['VECTOR', 'INDEX'], 'vector'],
  [['VECTOR', 'KEY'], 'vector'],
]

export function beginsIndex(tokens: Tokens): boolean {
  return kinds.some(([words]) => startsWith(tokens, ...words))
}

/** `symbol`: of CONSTRAINT in front; a name of the index itself goes before it. */
export function readAddIndex(tokens: Tokens, symbol: string | undefined): ClauseSubject | undefined {
  const [words, kind] = kinds.find((entry) => startsWith(tokens, ...entry[0])) ?? []
  if (words === undefined || kind === undefined) return undefined
  const named = skip(skipOneOf(skip(tokens, ...words), 'INDEX', 'KEY'), 'IF', 'NOT', 'EXISTS')
  const name = startsWith(named, 'USING') ? undefined : takeName(named)?.name
  const parts = readParts(named)
  if (parts === undefined) return undefined
  const index = kind === 'primary' ? 'PRIMARY' : (name ?? symbol)
  return { type: 'addIndex', index, kind, parts }
}

/** Of the first parentheses. */
export function readParts(tokens: Tokens): readonly IndexPart[] | undefined {
  const open = tokens.findIndex((token) => isWord(token, '('))
  const group = open === -1 ? undefined : takeGroup(tokens.slice(open))
  return group && splitAtCommas(group.inner, 1).map(readPart)
}

function readPart(part: Tokens): IndexPart {
  const taken = takeName(part)
  const prefix = taken && takeGroup(taken.rest)
  return {
    column: taken?.name,
    prefixLength: prefix && Number(textOf(prefix.inner)),
    isDescending: isWord(significant(part).at(-1), 'DESC'),
  }
}

export function readDropIndex(tokens: Tokens): ClauseSubject | undefined {
  const index = takeLastName(skip(tokens, 'IF', 'EXISTS'))
  return index === undefined ? undefined : { type: 'dropIndex', index }
}

/** `a INVISIBLE`, `a NOT IGNORED`. */
export function readAlterIndex(tokens: Tokens): ClauseSubject | undefined {
  const taken = takeName(skip(tokens, 'IF', 'EXISTS'))
  return taken && { type: 'indexVisibility', index: taken.name }
}
