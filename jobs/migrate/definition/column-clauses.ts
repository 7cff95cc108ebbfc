import { textOf, trimSpace } from '../../../src/db/table-text.ts'
import type { ClauseSubject, ColumnPosition, ColumnSubject } from './alter-model.ts'
import {
  isWord,
  nameOf,
  significant,
  skip,
  startsWith,
  type Tokens,
  takeLastName,
  takeName,
} from './clause-tokens.ts'

// Readers take what stands behind the first word of a clause. Undefined: no name can be read where one must stand.

export function readAddColumn(tokens: Tokens): ClauseSubject | undefined {
  const subject = readColumn(skip(skip(tokens, 'COLUMN'), 'IF', 'NOT', 'EXISTS'))
  return subject && { type: 'addColumn', ...subject }
}

export function readModify(tokens: Tokens): ClauseSubject | undefined {
  const subject = readColumn(toColumn(tokens))
  return subject && { type: 'modifyColumn', ...subject }
}

export function readChange(tokens: Tokens): ClauseSubject | undefined {
  const old = takeName(toColumn(tokens))
  const subject = old && readColumn(old.rest)
  if (old === undefined || subject === undefined) return undefined
  return { type: 'changeColumn', ...subject, column: old.name, newName: subject.column }
}

/** RESTRICT and CASCADE are read by both servers, and do nothing. */
export function readDropColumn(tokens: Tokens): ClauseSubject | undefined {
  const taken = takeName(toColumn(tokens))
  if (taken === undefined) return undefined
  const rest = skip(skip(taken.rest, 'RESTRICT'), 'CASCADE')
  return rest.length === 0 ? { type: 'dropColumn', column: taken.name } : undefined
}

export function readRenameColumn(tokens: Tokens): ClauseSubject | undefined {
  const renamed = readRenaming(toColumn(tokens))
  return renamed && { type: 'renameColumn', column: renamed.name, newName: renamed.newName }
}

/** `a TO b`. */
export function readRenaming(
  tokens: Tokens,
): { readonly name: string; readonly newName: string } | undefined {
  const old = takeName(tokens)
  if (old === undefined || !startsWith(old.rest, 'TO')) return undefined
  const newName = takeLastName(skip(old.rest, 'TO'))
  return newName === undefined ? undefined : { name: old.name, newName }
}

/** `a SET DEFAULT 1`, `a DROP DEFAULT`, and on MySQL `a SET INVISIBLE`. */
export function readAlterColumn(tokens: Tokens): ClauseSubject | undefined {
  const taken = takeName(toColumn(tokens))
  if (taken === undefined || taken.rest.length === 0) return undefined
  const { name: column, rest } = taken
  const isVisibility = startsWith(rest, 'SET', 'VISIBLE') || startsWith(rest, 'SET', 'INVISIBLE')
  return isVisibility ? { type: 'columnVisibility', column } : { type: 'alterColumnDefault', column }
}

function toColumn(tokens: Tokens): Tokens {
  return skip(skip(tokens, 'COLUMN'), 'IF', 'EXISTS')
}

function readColumn(tokens: Tokens): ColumnSubject | undefined {
  const taken = takeName(tokens)
  if (taken === undefined || taken.rest.length === 0) return undefined
  const { definition, position } = cutPosition(taken.rest)
  return { column: taken.name, definition: textOf(definition), position }
}

/** A column may be named `first`: the word is a position only behind a type. */
function cutPosition(tokens: Tokens): {
  readonly definition: Tokens
  readonly position: ColumnPosition | undefined
} {
  const [before, last] = significant(tokens).slice(-2)
  if (isWord(last, 'FIRST')) return { definition: cutAt(tokens, last), position: { kind: 'first' } }
  const column = isWord(before, 'AFTER') ? nameOf(last) : undefined
  if (column === undefined) return { definition: tokens, position: undefined }
  return { definition: cutAt(tokens, before), position: { kind: 'after', column } }
}

function cutAt(tokens: Tokens, token: Tokens[number] | undefined): Tokens {
  return token === undefined ? tokens : trimSpace(tokens.slice(0, tokens.indexOf(token)))
}
