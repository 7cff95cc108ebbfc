import type { ClauseSubject } from './alter-model.ts'
import { skip, startsWith, type Tokens, takeLastName, takeName } from './clause-tokens.ts'
import { beginsIndex, readAddIndex, readParts } from './index-clauses.ts'

export function beginsConstraint(tokens: Tokens): boolean {
  return ['CONSTRAINT', 'FOREIGN', 'CHECK'].some((word) => startsWith(tokens, word)) || beginsIndex(tokens)
}

/** `CONSTRAINT x UNIQUE (a)`, `CHECK (a > 0)`, `INDEX (a)`. The name behind CONSTRAINT may be missing. */
export function readAddConstraint(tokens: Tokens): ClauseSubject | undefined {
  const isNamed = startsWith(tokens, 'CONSTRAINT')
  const named = skip(skip(tokens, 'CONSTRAINT'), 'IF', 'NOT', 'EXISTS')
  if (!isNamed || beginsConstraint(named)) return readAdded(named, undefined)
  const taken = takeName(named)
  return taken && readAdded(taken.rest, taken.name)
}

function readAdded(tokens: Tokens, constraint: string | undefined): ClauseSubject | undefined {
  if (startsWith(tokens, 'CHECK')) return { type: 'addCheck', constraint }
  if (!startsWith(tokens, 'FOREIGN', 'KEY')) return readAddIndex(tokens, constraint)
  const columns = readParts(tokens)?.map(({ column }) => column ?? '')
  return columns && { type: 'addForeignKey', constraint, columns }
}

export function readDropConstraint(
  tokens: Tokens,
  type: 'dropForeignKey' | 'dropCheck' | 'dropConstraint',
): ClauseSubject | undefined {
  const constraint = takeLastName(skip(tokens, 'IF', 'EXISTS'))
  return constraint === undefined ? undefined : { type, constraint }
}

/** `x NOT ENFORCED` of MySQL. */
export function readEnforcement(tokens: Tokens): ClauseSubject | undefined {
  const taken = takeName(tokens)
  return taken && { type: 'checkEnforcement', constraint: taken.name }
}
