import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import type { BucketSize } from '../../buckets/sizes.ts'
import type { CounterTable, Settings } from '../../tables.ts'
import type { Asked, Span } from './asked.ts'

/** Before anything was changed. */
function refused(code: string, message: string, hint: string): RowkeeperError {
  return new RowkeeperError({ code, message, hint, effect: 'none', exitCode: exitCodes.refused })
}

export function eventsTaken({ job }: Settings, strategy: string): RowkeeperError {
  return refused(
    'rollup.rebuildGone',
    `Runs of ${job} take events away as they count them (${strategy}), so there is nothing to count anew.`,
    `What was counted is in the ledger: rowkeeper rollup verify ${job}`,
  )
}

export function eventsGone(
  { job }: Settings,
  { table }: CounterTable['name'],
  { named }: Asked,
  reasons: readonly string[],
): RowkeeperError {
  const days = `${named.from.slice(0, 10)} to before ${named.to.slice(0, 10)}`
  return refused(
    'rollup.rebuildGone',
    `Rows of events from ${days} are gone, or may be, and ${table} would lose what they were counted for: ${reasons.join('; ')}.`,
    `Name later days, or leave the counters as they are: rowkeeper rollup verify ${job}`,
  )
}

export function notCounted({ job }: Settings): RowkeeperError {
  return refused(
    'rollup.rebuildNotCounted',
    `No run of ${job} has counted into this table and these sizes of buckets yet.`,
    `A run counts everything there is: rowkeeper run ${job}`,
  )
}

/** A larger bucket of which only a part is counted anew, and the other part was never counted in smaller ones. */
export function partsMissing(size: BucketSize, bucket: Span, smaller: BucketSize): RowkeeperError {
  const [from, to] = [bucket.from.slice(0, 10), bucket.to.slice(0, 10)]
  return refused(
    'rollup.rebuildParts',
    `The ${size} from ${from} is the sum of its buckets by ${smaller}, and those outside of the days named do not hold everything: the size is kept since later.`,
    `Count all of it anew: --from ${from} --to ${to}, or more`,
  )
}
