import type { TableName } from '../../../src/db/statement.ts'
import { textOf, tokenize } from '../../../src/db/table-text.ts'
import type { AlterClause, AlterText, Rename } from './alter-model.ts'
import { isSameName, significant, startsWith, type Tokens, takeTableName } from './clause-tokens.ts'
import type { DefinitionProblem } from './problem.ts'
import { readClause } from './read-clause.ts'
import { findRefusal } from './refusals.ts'
import { splitClauses } from './split-clauses.ts'
import { readStatement } from './statement-text.ts'

export type { AlterClause, AlterText, Rename } from './alter-model.ts'

/** Why an ALTER is refused. */
export type AlterProblem = DefinitionProblem

/**
 * Reads what stands behind ALTER TABLE and the name of the table; both may stand in front when it is this table's name.
 * Texts are read as rowkeeper's sessions have them: quotes hold texts, a backslash escapes. What is only known to the
 * server stays unread: a wrong type is found by the server.
 */
export function readAlter(text: string, table: TableName): AlterText | AlterProblem {
  const single = readStatement(text, 'alter')
  if ('problem' in single) return single
  const body = cutOpening(single, table)
  if ('problem' in body) return body
  return body.length === 0 ? emptyText : readBody(body)
}

function readBody(body: Tokens): AlterText | AlterProblem {
  const clauses: AlterClause[] = []
  for (const tokens of splitClauses(body)) {
    const clause = toClause(tokens)
    if ('problem' in clause) return clause
    clauses.push(clause)
  }
  return { text: textOf(body), clauses, renames: clauses.flatMap(findRename) }
}

function toClause(tokens: Tokens): AlterClause | AlterProblem {
  const text = textOf(tokens)
  if (text === '') return missingClause
  const refusal = findRefusal(tokens)
  if (refusal !== undefined) return refusal
  if (isReadBySome(tokens)) return readBySome(text)
  const subject = readClause(tokens)
  if (subject === undefined) return unreadClause(text)
  return { ...subject, text, isConditional: hasCondition(tokens) }
}

/** A clause of which one server reads the beginning or the end, and another does not. */
function isReadBySome(tokens: Tokens): boolean {
  const markers = tokens.filter(({ kind }) => kind === 'comment')
  const opened = markers.filter(({ text }) => text !== '*/').length
  return significant(tokens)[0]?.kind === 'comment' || opened * 2 !== markers.length
}

function hasCondition(tokens: Tokens): boolean {
  const words = significant(tokens).filter(({ depth }) => depth === 0)
  return words.some(
    (_, at) =>
      startsWith(words.slice(at), 'IF', 'EXISTS') || startsWith(words.slice(at), 'IF', 'NOT', 'EXISTS'),
  )
}

function findRename(clause: AlterClause): readonly Rename[] {
  if (clause.type !== 'changeColumn' && clause.type !== 'renameColumn') return []
  const { column: from, newName: to } = clause
  return isSameName(from, to) ? [] : [{ from, to }]
}

const opening = /^ALTER\s+(?:(?<word>ONLINE|OFFLINE|IGNORE)\s+)*TABLE\s+(?:IF\s+EXISTS\s+)?/i

function cutOpening(tokens: Tokens, table: TableName): Tokens | AlterProblem {
  const text = textOf(tokens)
  const found = opening.exec(text)
  if (found === null) return tokens
  const word = found.groups?.word
  if (word !== undefined) return findRefusal(tokenize(word)) ?? emptyText
  const name = takeTableName(text.slice(found[0].length))
  const isThisTable = name?.table === table.table && (name.schema ?? table.schema) === table.schema
  return name !== undefined && isThisTable ? tokenize(name.rest) : otherTable(table)
}

const emptyText: AlterProblem = {
  code: 'migrate.alterEmpty',
  problem: 'It holds no clause.',
  fix: 'Write what stands behind ALTER TABLE and the name: ADD COLUMN note VARCHAR(200) NULL',
}

const missingClause: AlterProblem = {
  code: 'migrate.alterMissingClause',
  problem: 'Nothing stands before or behind one of its commas.',
  fix: 'Take that comma out.',
}

function readBySome(text: string): AlterProblem {
  return {
    code: 'migrate.alterReadBySome',
    problem: `Some servers would read all of this and others would not: ${text}`,
    fix: 'Write the clause without the comment /*! */ around it, for the server that the table is on.',
  }
}

function unreadClause(text: string): AlterProblem {
  return {
    code: 'migrate.alterUnread',
    problem: `No name or no columns can be read where they must stand: ${text}`,
    fix: 'Names that are reserved words or have other letters go in backquotes; quotes hold texts, and a column is named without its table.',
  }
}

function otherTable({ schema, table }: TableName): AlterProblem {
  return {
    code: 'migrate.alterOtherTable',
    problem: `It begins with ALTER TABLE and the name of another table than ${schema}.${table}.`,
    fix: 'Write only what stands behind the name of the table.',
  }
}
