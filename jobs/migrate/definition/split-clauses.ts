import { splitAtCommas, textOf, tokenize, trimSpace } from '../../../src/db/table-text.ts'
import { significant, skip, startsWith, type Tokens, takeGroup } from './clause-tokens.ts'
import { takeOption } from './option-clause.ts'

/**
 * One list of tokens for each thing that an ALTER does. Commas stand between clauses; but options may follow each other
 * without one, so may PARTITION BY; ORDER BY has commas of its own; and one ADD COLUMN may add several things.
 *
 * The grammars: https://dev.mysql.com/doc/refman/8.4/en/alter-table.html, https://mariadb.com/kb/en/alter-table/
 */
export function splitClauses(body: Tokens): readonly Tokens[] {
  return joinOrder(splitAtCommas(body, 0)).flatMap(cutPartitioning).flatMap(splitAdded).flatMap(splitOptions)
}

/** All that follows ORDER BY is its list: both servers refuse a clause there. */
function joinOrder(clauses: readonly Tokens[]): readonly Tokens[] {
  const at = clauses.findIndex((clause) => startsWith(clause, 'ORDER', 'BY'))
  if (at === -1) return clauses
  const order = clauses.slice(at).flatMap((part, index) => (index === 0 ? part : [comma, space, ...part]))
  return [...clauses.slice(0, at), order]
}

const comma = { kind: 'symbol', text: ',', depth: 0 } as const
const space = { kind: 'space', text: ' ', depth: 0 } as const

/** PARTITION BY and REMOVE PARTITIONING stand behind the last clause, without a comma. */
function cutPartitioning(clause: Tokens): readonly Tokens[] {
  const at = clause.findIndex(
    (token, index) => token.depth === 0 && index > 0 && beginsPartitioning(clause.slice(index)),
  )
  return at === -1 ? [clause] : [trimSpace(clause.slice(0, at)), clause.slice(at)]
}

/** Two columns may be named `remove` and `partitioning`, but then a type follows. */
function beginsPartitioning(tokens: Tokens): boolean {
  if (startsWith(tokens, 'PARTITION', 'BY')) return true
  return startsWith(tokens, 'REMOVE', 'PARTITIONING') && significant(tokens).length === 2
}

/** `ADD (a INT, INDEX (a))` is `ADD a INT` and `ADD INDEX (a)`. */
function splitAdded(clause: Tokens): readonly Tokens[] {
  const column = skip(skip(clause, 'ADD'), 'COLUMN')
  const group = takeGroup(skip(column, 'IF', 'NOT', 'EXISTS'))
  if (!startsWith(clause, 'ADD') || group === undefined || group.rest.length > 0) return [clause]
  const condition = startsWith(column, 'IF') ? 'COLUMN IF NOT EXISTS ' : ''
  return splitAtCommas(group.inner, 1).map((element) => tokenize(`ADD ${condition}${textOf(element)}`))
}

function splitOptions(clause: Tokens): readonly Tokens[] {
  const option = takeOption(clause)
  if (option === undefined || option.rest.length === 0) return [clause]
  const length = clause.length - option.rest.length
  return [trimSpace(clause.slice(0, length)), ...splitOptions(option.rest)]
}
