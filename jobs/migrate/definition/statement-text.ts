import { findUnfinished, tokenize, trimSpace } from '../../../src/db/table-text.ts'
import { isWord, type Tokens } from './clause-tokens.ts'
import type { DefinitionProblem } from './problem.ts'

/** Without comments that no server reads, and without a semicolon at the end. `kind` leads the codes of problems. */
export function readStatement(text: string, kind: 'alter' | 'create'): Tokens | DefinitionProblem {
  const tokens = withoutRemarks(tokenize(text))
  const unfinished = findUnfinished(tokens)
  if (unfinished !== undefined) {
    return {
      code: `migrate.${kind}Unfinished`,
      problem: `It is not finished: ${unfinished}.`,
      fix: 'Close it. A quote inside a text is written twice.',
    }
  }
  const single = withoutSemicolon(tokens)
  if (!single.some((token) => isWord(token, ';'))) return single
  return {
    code: `migrate.${kind}Several`,
    problem: 'It holds several statements, and a migration makes one change.',
    fix: 'Put commas between the clauses of one table, and make a job for each table.',
  }
}

/** A remark to the end of the line would swallow what is put behind the text. */
function withoutRemarks(tokens: Tokens): Tokens {
  return tokens.map((token) => (token.kind === 'remark' ? { ...token, kind: 'space', text: ' ' } : token))
}

function withoutSemicolon(tokens: Tokens): Tokens {
  const trimmed = trimSpace(tokens)
  return isWord(trimmed.at(-1), ';') ? trimSpace(trimmed.slice(0, -1)) : trimmed
}
