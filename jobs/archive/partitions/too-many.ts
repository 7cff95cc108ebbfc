import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { formatCount } from '../../../src/lib/units.ts'

/** Of both servers, subpartitions included. */
const MOST_PARTITIONS = 8192

/** @throws RowkeeperError `archive.tooManyPartitions` when a table would have more than the servers allow */
export function refuseTooMany(count: number): void {
  if (count <= MOST_PARTITIONS) return
  throw new RowkeeperError({
    code: 'archive.tooManyPartitions',
    message: `The archive table would have ${formatCount(count)} partitions; the server allows ${formatCount(MOST_PARTITIONS)}.`,
    hint: 'Keep fewer months (into: keep), or begin another archive table (into: table). See the months with: rowkeeper archive months',
    exitCode: exitCodes.refused,
  })
}
