import { createHash } from 'node:crypto'
import type { PartitionMap } from '../../src/db/partitions.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { JobSettings } from '../../src/run/job.ts'
import type { ArchiveConfig } from './config.ts'
import { type ChildTables, readTables } from './tables.ts'

/** Changes when any of the tables does: a plan saved before is then refused. */
export async function definitionOfTables(
  context: PlanContext,
  settings: JobSettings<ArchiveConfig>,
): Promise<string> {
  const { source, target, children } = await readTables(context, settings)
  const parts = [
    source.table.hash,
    bounds(source.partitions),
    target.table?.hash,
    bounds(target.partitions),
    children.map(hashes),
  ]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** Without the rows and bytes of the partitions, which change all the time. */
function bounds(map: PartitionMap | undefined): readonly unknown[] {
  return map?.partitions.map(({ name, upperBound }) => [name, upperBound]) ?? []
}

function hashes({ table, target, children }: ChildTables): readonly unknown[] {
  return [table.hash, target.table?.hash, children.map(hashes)]
}
