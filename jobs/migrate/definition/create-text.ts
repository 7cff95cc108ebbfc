import { type TableName, tableId } from '../../../src/db/statement.ts'
import { textOf, tokenize } from '../../../src/db/table-text.ts'
import { isWord, startsWith, type Tokens, takeGroup, takeTableName } from './clause-tokens.ts'
import type { DefinitionProblem } from './problem.ts'
import { readStatement } from './statement-text.ts'

/** Why a CREATE TABLE is refused. */
export type CreateProblem = DefinitionProblem

const opening = /^CREATE\s+(?:OR\s+REPLACE\s+)?(?<temporary>TEMPORARY\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?/i

/**
 * The same table under another name, by one statement that fails when there is one. The text may be the server's or a
 * person's: comments, IF NOT EXISTS and OR REPLACE are left out.
 */
export function retargetCreate(createTable: string, name: TableName): string | CreateProblem {
  const statement = readStatement(createTable, 'create')
  if ('problem' in statement) return statement
  const text = textOf(statement)
  const found = opening.exec(text)
  if (found === null) return noCreateTable
  if (found.groups?.temporary !== undefined) return temporaryTable
  const named = takeTableName(text.slice(found[0].length))
  if (named === undefined) return noTableName
  const problem = findBodyProblem(tokenize(named.rest))
  return problem ?? `CREATE TABLE ${tableId(name).chunks.join('')} ${named.rest}`
}

/** `LIKE t`, `(LIKE t)`, `SELECT …`, `(a INT) AS SELECT …`, `(a INT) TABLE t`: the definition is in another place. */
function findBodyProblem(body: Tokens): CreateProblem | undefined {
  const group = takeGroup(body)
  if (startsWith(body, 'LIKE') || startsWith(group?.inner ?? [], 'LIKE')) return likeAnother
  if (hasQuery(body, group)) return filledByQuery
  return group === undefined ? noColumns : undefined
}

function hasQuery(body: Tokens, group: ReturnType<typeof takeGroup>): boolean {
  const behind = group?.rest ?? body
  if (startsWith(group?.inner ?? [], 'SELECT') || startsWith(group?.inner ?? [], 'WITH')) return true
  return behind.some(
    (token) =>
      isWord(token, 'SELECT') || (token.depth === 0 && queryWords.some((word) => isWord(token, word))),
  )
}

/** Table options have none of these. */
const queryWords: readonly string[] = ['AS', 'IGNORE', 'REPLACE', 'VALUES', 'TABLE']

const noCreateTable: CreateProblem = {
  code: 'migrate.createOther',
  problem: 'It is no CREATE TABLE statement.',
  fix: 'Write the whole statement as SHOW CREATE TABLE prints it, or use alter instead.',
}

const temporaryTable: CreateProblem = {
  code: 'migrate.createTemporary',
  problem: 'It makes a temporary table, which would be gone with the session.',
  fix: 'Leave TEMPORARY out.',
}

const noTableName: CreateProblem = {
  code: 'migrate.createUnnamed',
  problem: 'No name of a table follows CREATE TABLE.',
  fix: 'Names that are reserved words or have other letters go in backquotes.',
}

const likeAnother: CreateProblem = {
  code: 'migrate.createLike',
  problem: 'It takes the definition of another table (LIKE), which may be altered before the run.',
  fix: 'Write the definition out, as SHOW CREATE TABLE prints it for that table.',
}

const filledByQuery: CreateProblem = {
  code: 'migrate.createSelect',
  problem: 'It fills the table by a query, and a migration fills it with the rows of the present one.',
  fix: 'Leave the query out, and write all columns into the parentheses.',
}

const noColumns: CreateProblem = {
  code: 'migrate.createEmpty',
  problem: 'No columns in parentheses follow the name of the table.',
  fix: 'Write the whole statement as SHOW CREATE TABLE prints it.',
}
