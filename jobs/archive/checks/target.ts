import type { Finding } from '../../../src/run/events.ts'
import { findUncarriable } from '../carry/values.ts'
import { findCutoff } from '../cutoff.ts'
import { compareForArchive } from '../partitions/compare.ts'
import { type ArchivePair, listPairs } from '../partitions/pairs.ts'
import { interpret } from '../partitions/partition-map.ts'
import { draftArchiveTable } from '../partitions/plan-tables.ts'
import { copiedColumns } from '../tables.ts'
import { type CheckScene, type Look, refusal } from './look.ts'
import { refuseEngine } from './source.ts'

/** Whether every row fits into its archive table as it is: into the one that is there, or the one that would be made. */
export const checkTargets: Look = async (scene) => {
  const findings: Finding[] = []
  for (const pair of listPairs(scene.tables)) {
    const found = pair.target.table === undefined ? await judgeDraft(scene, pair) : judgeArchive(scene, pair)
    findings.push(...found, ...refuseUncarriable(scene, pair))
  }
  return findings
}

async function judgeDraft(
  { context, settings, tables }: CheckScene,
  pair: ArchivePair,
): Promise<readonly Finding[]> {
  const cutoff = findCutoff(context.asOf, settings.options.age.olderThan, tables)
  const draft = await draftArchiveTable({ context, settings, tables, cutoff }, pair, [])
  if (!('problem' in draft)) return []
  return [
    refusal(
      'cannotBeMade',
      `${pair.target.name.table} cannot be made: ${draft.problem}.`,
      `Keep that in a table of its own, then run: rowkeeper plan ${settings.job}`,
    ),
  ]
}

function judgeArchive({ tables }: CheckScene, pair: ArchivePair): readonly Finding[] {
  const { live, target, age } = pair
  if (target.table === undefined) return []
  const differences = compareForArchive(live, target.table, age)
  return [
    ...refuseEngine(target.table),
    ...refusePartitioning(pair, tables.zone),
    ...differences.map(({ problem, fix }) => refusal('definition', problem, fix)),
  ]
}

function refusePartitioning(pair: ArchivePair, zone: string): readonly Finding[] {
  const { target, age } = pair
  const { table: name } = target.name
  if (target.partitions === undefined) {
    return [
      refusal(
        'notPartitioned',
        `The archive table ${name} has no partitions, so no month could be proven or taken out.`,
        makeAnother(pair),
      ),
    ]
  }
  const table = interpret(target.partitions, age, zone)
  if (!('problem' in table)) return []
  return [refusal('partitioning', `${name} cannot hold months: ${table.problem}.`, makeAnother(pair))]
}

function makeAnother({ target }: ArchivePair): string {
  return `Name another table than ${target.name.table} under into: one that does not exist is made, with a partition for each month.`
}

/** On its way to another server every value passes through this process. */
function refuseUncarriable({ context, tables }: CheckScene, { live }: ArchivePair): readonly Finding[] {
  const { server, destination } = context
  if (tables.target.place === 'here' || destination === undefined) return []
  const columns = findUncarriable(copiedColumns(live), server.family, destination.server.family)
  return columns.map(({ column, reason }) =>
    refusal(
      'uncarriable',
      `${live.name.table}.${column} cannot be carried to another server exactly: ${reason}.`,
      'Keep the archive table on the same server: remove into.database, or name one of the same family.',
    ),
  )
}
