import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import { formatCount, plural } from '../../../../src/lib/units.ts'
import type { FoundKeys } from '../found-keys.ts'

/** Names of a live table and of its archive table. */
export interface NamedPair {
  readonly table: string
  readonly archive: string
}

export function keyTaken({ table, archive }: NamedPair, other: FoundKeys): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.keyTaken',
    message: `${table} has ${plural(other.keys, 'row')} with the key but not the content of a row in ${archive}: ${describeKeys(other)}.`,
    hint: 'Compare the rows of both tables and decide which one is right; then delete or change the other one, and restore again.',
    exitCode: exitCodes.refused,
  })
}

export function keyTwice({ archive }: NamedPair, twice: FoundKeys): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.keyTwice',
    message: `${archive} has more than one row with ${describeKeys(twice)}; the live table can take one of them.`,
    hint: 'Delete those that are wrong from the archive table, then restore again.',
    exitCode: exitCodes.refused,
  })
}

/** `id = 17; id = 18; and 40 more`. */
function describeKeys({ keys, samples }: FoundKeys): string {
  const named = samples.join('; ')
  return keys > samples.length ? `${named}; and ${formatCount(keys - samples.length)} more` : named
}
