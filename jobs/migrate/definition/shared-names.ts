import { id } from '../../../src/db/statement.ts'
import type { AlterClause, AlterText, Rename } from './alter-model.ts'
import { isSameName } from './clause-tokens.ts'

const MARK = '_rk'
const LONGEST_NAME = 64

/** A second table cannot have a constraint of the same name. The next migration of the table takes the mark off again. */
export function otherName(name: string): string {
  if (name.endsWith(MARK)) return name.slice(0, -MARK.length)
  return `${name.slice(0, LONGEST_NAME - MARK.length)}${MARK}`
}

/** The clauses, with constraints under the names that they have in the other table. */
export function renameInAlter({ text, clauses }: AlterText, renames: readonly Rename[]): string {
  const isTouched = clauses.some((clause) => findRename(clause, renames) !== undefined)
  return isTouched ? clauses.map((clause) => renameInClause(clause, renames)).join(', ') : text
}

function findRename(clause: AlterClause, renames: readonly Rename[]): Rename | undefined {
  switch (clause.type) {
    case 'dropForeignKey':
    case 'dropCheck':
    case 'dropConstraint':
    case 'checkEnforcement':
      return renames.find(({ from }) => isSameName(from, clause.constraint))
    default:
      return undefined
  }
}

/** The name of a constraint stands once in such a clause, with or without quotes. */
function renameInClause(clause: AlterClause, renames: readonly Rename[]): string {
  const rename = findRename(clause, renames)
  if (rename === undefined) return clause.text
  const quoted = id(rename.from).chunks.join('')
  const to = id(rename.to).chunks.join('')
  if (clause.text.includes(quoted)) return clause.text.replace(quoted, to)
  const at = clause.text.toLowerCase().lastIndexOf(rename.from.toLowerCase())
  return `${clause.text.slice(0, at)}${to}${clause.text.slice(at + rename.from.length)}`
}
