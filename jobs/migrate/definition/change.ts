import type { TableName } from '../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { changeOf, type Settings, targetTable } from '../tables.ts'
import type { AlterText } from './alter-model.ts'
import { readAlter } from './alter-text.ts'
import { retargetCreate } from './create-text.ts'
import type { DefinitionProblem } from './problem.ts'

/** What the operator wants: clauses for the server, or the whole table as it shall be. */
export type Change =
  | { readonly type: 'alter'; readonly alter: AlterText }
  | { readonly type: 'definition'; readonly text: string }

export function readChange(settings: Settings): Change | DefinitionProblem {
  const text = changeOf(settings)
  if (settings.options.alter !== undefined) {
    const alter = readAlter(text, targetTable(settings))
    return 'problem' in alter ? alter : { type: 'alter', alter }
  }
  const create = retargetCreate(text, targetTable(settings))
  return typeof create === 'string' ? { type: 'definition', text } : create
}

/** @throws RowkeeperError with the code of the problem, exit 4 */
export function requireChange(settings: Settings): Change {
  const change = readChange(settings)
  if ('problem' in change) throw refuseText(targetTable(settings), change)
  return change
}

export function refuseText({ schema, table }: TableName, { code, problem, fix }: DefinitionProblem) {
  return new RowkeeperError({
    code,
    message: `What is to be changed in ${schema}.${table} cannot be done: ${problem}`,
    hint: fix,
    exitCode: exitCodes.refused,
  })
}
