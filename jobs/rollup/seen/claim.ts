import type { Transaction } from '../../../src/db/session.ts'
import { slicesOf } from '../counters/slices.ts'
import { compareTexts } from '../fold/fold.ts'
import type { CountScene } from '../scene.ts'
import type { Mark } from './mark.ts'
import { insertMarks, selectClaimed } from './sql.ts'

const MARKS_PER_STATEMENT = 1000
const CLAIM_DIGITS = 16

/**
 * Puts marks down and answers the digests of those that were not there: each is new to one transaction and no other, for
 * as long as the table remembers it. They are locked in the order of their key until the transaction ends, so two
 * transactions wait for each other, and never both; whoever waited then sees whether the other one stayed.
 *
 * The claim is made anew in every try: rows of a try that was rolled back are gone, and rows of any other have another.
 */
export async function claimMarks(
  transaction: Transaction,
  { context, tables: { seen } }: CountScene,
  marks: readonly Mark[],
): Promise<ReadonlySet<string>> {
  if (marks.length === 0) return new Set()
  if (seen === undefined) throw new TypeError('nothing of this job asks for a table of what was seen')
  const claim = context.random.token().slice(0, CLAIM_DIGITS)
  const claimed = new Set<string>()
  for (const part of slicesOf(marks.toSorted(compareMarks), MARKS_PER_STATEMENT)) {
    await transaction.change(insertMarks(seen, claim, part))
    for (const { digest } of await transaction.rows(selectClaimed(seen, claim, part)))
      claimed.add(String(digest))
  }
  return claimed
}

function compareMarks(first: Mark, second: Mark): number {
  return (
    compareTexts(first.kind, second.kind) ||
    compareTexts(first.starts, second.starts) ||
    compareTexts(first.digest, second.digest)
  )
}
