import type { Finding } from '../../../src/run/events.ts'
import { assumeTarget } from '../definition/assume.ts'
import { readChange } from '../definition/change.ts'
import { type Look, refusal } from './look.ts'

/** What can be seen to be wrong in the text, before the server is asked. */
export const checkChange: Look = async ({ settings, table, migration }) => {
  if (migration !== undefined) return []
  const change = readChange(settings)
  if ('problem' in change) return [toFinding(change)]
  if (change.type === 'definition') return []
  return assumeTarget(table, change.alter).problems.map(toFinding)
}

/** Codes of problems begin with the kind already. */
function toFinding({
  code,
  problem,
  fix,
}: {
  readonly code: string
  readonly problem: string
  readonly fix: string
}): Finding {
  return refusal(code.replace(/^migrate\./, ''), problem, fix)
}

/** A rename that was meant as a new column would carry values over, and the other way round lose them: a person looks. */
export const checkRenames: Look = async ({ settings, migration }) => {
  const { approveRenames } = settings.options
  const change = readChange(settings)
  if (migration !== undefined || approveRenames || 'problem' in change || change.type !== 'alter') return []
  const { renames } = change.alter
  if (renames.length === 0) return []
  const list = renames.map(({ from, to }) => `${from} to ${to}`).join(', ')
  return [
    refusal(
      'renames',
      `The change renames ${list}: the values go along, and whoever reads the old name meets an error from the swap on.`,
      `When that is meant, set jobs.${settings.job}.approveRenames: true, or give --approve-renames`,
    ),
  ]
}
