import type { ClauseSubject } from './alter-model.ts'
import {
  significant,
  skip,
  skipCount,
  skipOneOf,
  startsWith,
  type TakenName,
  type Tokens,
  takeName,
} from './clause-tokens.ts'
import {
  readAddColumn,
  readAlterColumn,
  readChange,
  readDropColumn,
  readModify,
  readRenameColumn,
  readRenaming,
} from './column-clauses.ts'
import {
  beginsConstraint,
  readAddConstraint,
  readDropConstraint,
  readEnforcement,
} from './constraint-clauses.ts'
import { readAlterIndex, readDropIndex } from './index-clauses.ts'
import { takeOption } from './option-clause.ts'

type Reader = (tokens: Tokens) => ClauseSubject | undefined

/** By the first word. Each gets what stands behind it. */
const readers: readonly (readonly [word: string, reader: Reader])[] = [
  ['ADD', readAdd],
  ['DROP', readDrop],
  ['MODIFY', readModify],
  ['CHANGE', readChange],
  ['RENAME', readRename],
  ['ALTER', readAlteration],
  ['CONVERT', readConvert],
]

/**
 * Undefined when a column, index or constraint is added, changed or dropped, and its name cannot be read: a rename that goes
 * unseen would lose the column's values. What is not known at all is `other`.
 */
export function readClause(tokens: Tokens): ClauseSubject | undefined {
  const [word, reader] = readers.find(([first]) => startsWith(tokens, first)) ?? []
  return word === undefined || reader === undefined ? readRest(tokens) : reader(skip(tokens, word))
}

function readRest(tokens: Tokens): ClauseSubject {
  if (startsWith(tokens, 'PARTITION', 'BY')) return { type: 'partitioning', change: 'set' }
  if (startsWith(tokens, 'REMOVE', 'PARTITIONING')) return { type: 'partitioning', change: 'removed' }
  if (startsWith(tokens, 'ORDER', 'BY')) return { type: 'orderBy' }
  if (startsWith(tokens, 'FORCE') && significant(tokens).length === 1) return { type: 'force' }
  const option = takeOption(tokens)
  if (option === undefined) return { type: 'other' }
  return { type: 'option', option: option.option, value: option.value }
}

function readAdd(tokens: Tokens): ClauseSubject | undefined {
  if (startsWith(tokens, 'PERIOD', 'FOR')) return { type: 'other' }
  return beginsConstraint(tokens) ? readAddConstraint(tokens) : readAddColumn(tokens)
}

function readDrop(tokens: Tokens): ClauseSubject | undefined {
  if (startsWith(tokens, 'PRIMARY', 'KEY')) return { type: 'dropPrimaryKey' }
  if (startsWith(tokens, 'PERIOD', 'FOR')) return { type: 'other' }
  if (startsWith(tokens, 'FOREIGN', 'KEY')) {
    return readDropConstraint(skip(tokens, 'FOREIGN', 'KEY'), 'dropForeignKey')
  }
  if (startsWith(tokens, 'CHECK')) return readDropConstraint(skip(tokens, 'CHECK'), 'dropCheck')
  if (startsWith(tokens, 'CONSTRAINT'))
    return readDropConstraint(skip(tokens, 'CONSTRAINT'), 'dropConstraint')
  return beginsIndexName(tokens) ? readDropIndex(skipOneOf(tokens, 'INDEX', 'KEY')) : readDropColumn(tokens)
}

function readRename(tokens: Tokens): ClauseSubject | undefined {
  if (!beginsIndexName(tokens)) return readRenameColumn(tokens)
  const renamed = readRenaming(skip(skipOneOf(tokens, 'INDEX', 'KEY'), 'IF', 'EXISTS'))
  return renamed && { type: 'renameIndex', index: renamed.name, newName: renamed.newName }
}

function readAlteration(tokens: Tokens): ClauseSubject | undefined {
  if (startsWith(tokens, 'CHECK')) return readEnforcement(skip(tokens, 'CHECK'))
  if (startsWith(tokens, 'CONSTRAINT')) return readEnforcement(skip(tokens, 'CONSTRAINT'))
  return beginsIndexName(tokens) ? readAlterIndex(skipOneOf(tokens, 'INDEX', 'KEY')) : readAlterColumn(tokens)
}

function beginsIndexName(tokens: Tokens): boolean {
  return startsWith(tokens, 'INDEX') || startsWith(tokens, 'KEY')
}

/** `TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`, names with or without quotes. */
function readConvert(tokens: Tokens): ClauseSubject | undefined {
  const set = skipOneOf(skip(skip(skip(tokens, 'TO'), 'CHARACTER', 'SET'), 'CHAR', 'SET'), 'CHARSET')
  const characterSet = takeSetName(skip(set, '='))
  if (characterSet === undefined) return undefined
  const isCollated = startsWith(characterSet.rest, 'COLLATE')
  const collation = isCollated ? takeSetName(skip(skip(characterSet.rest, 'COLLATE'), '=')) : undefined
  return { type: 'convertCharacterSet', characterSet: characterSet.name, collation: collation?.name }
}

function takeSetName(tokens: Tokens): TakenName | undefined {
  const [first] = significant(tokens)
  if (first?.kind !== 'text') return takeName(tokens)
  return { name: first.text.slice(1, -1), rest: skipCount(tokens, 1) }
}
