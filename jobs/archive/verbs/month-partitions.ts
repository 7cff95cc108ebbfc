import type { ArchivePair } from '../partitions/pairs.ts'
import { interpret, type MonthPartition } from '../partitions/partition-map.ts'

/** In the order of time; none for an archive table that is not there, or that is not cut by months. */
export function monthPartitions(
  { target, age }: Pick<ArchivePair, 'target' | 'age'>,
  zone: string,
): readonly MonthPartition[] {
  const table = target.partitions && interpret(target.partitions, age, zone)
  return table === undefined || 'problem' in table ? [] : table.partitions
}
