import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import { keyTaken, keyTwice } from './key-errors.ts'
import type { MissingParents } from './missing-parents.ts'
import type { RestoreSurvey } from './survey.ts'

/** Why the rows cannot be put back as they are; undefined when nothing speaks against it. */
export function refusalOf({ inspection }: RestoreSurvey): RowkeeperError | undefined {
  const { tables, missingParents } = inspection
  const taken = tables.find(({ other }) => other.keys > 0)
  if (taken !== undefined) return keyTaken(taken, taken.other)
  const doubled = tables.find(({ twice }) => twice.keys > 0)
  if (doubled !== undefined) return keyTwice(doubled, doubled.twice)
  const [orphaned] = missingParents
  return orphaned === undefined ? undefined : parentMissing(orphaned)
}

function parentMissing({ table, foreignKey, referenced, samples }: MissingParents): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.parentMissing',
    message: `Rows to be restored to ${table} refer to rows of ${referenced} that are not there any more (${foreignKey}): ${samples.join('; ')}.`,
    hint: `Put those rows of ${referenced} back first, then restore again.`,
    exitCode: exitCodes.refused,
  })
}
