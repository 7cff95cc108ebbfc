import type { MigrateConfig } from '../config.ts'
import type { AlterClause } from '../definition/alter-model.ts'
import type { Change } from '../definition/change.ts'
import type { Strategy } from '../result-model.ts'

/** What servers of today do without touching a row, most of the time. */
const usuallyInstant: readonly AlterClause['type'][] = [
  'addColumn',
  'alterColumnDefault',
  'renameColumn',
  'columnVisibility',
]

/** For a plan that may not ask the server: a run tries it on an empty table first. */
export function guessRung(
  asked: MigrateConfig['strategy'],
  change: Change,
): { readonly strategy: Strategy; readonly why: string } {
  if (asked !== 'auto') return { strategy: asked, why: 'the configuration asks for it' }
  const copy = 'assumed to need a copy; a run asks the server first, with an empty table'
  if (change.type === 'definition') return { strategy: 'copy', why: copy }
  const isLight = change.alter.clauses.every(({ type }) => usuallyInstant.includes(type))
  if (!isLight) return { strategy: 'copy', why: copy }
  return {
    strategy: 'instant',
    why: 'assumed to be done by the server without a copy; a run asks it first, and copies if it cannot',
  }
}
