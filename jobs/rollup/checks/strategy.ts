import type { Finding } from '../../../src/run/events.ts'
import { selectStrategy } from '../ledger/sql.ts'
import type { Strategy } from '../strategy/choose.ts'
import { readChoice } from '../strategy/topology.ts'
import { correct } from '../tables.ts'
import { type CheckScene, type Look, refusal } from './look.ts'
import { warnOfOthers } from './others.ts'

/** A strategy that would lose or double events on this very server is refused, with one that would not. */
export const checkStrategy: Look = async (scene) => {
  const { context, settings, tables } = scene
  const { source } = tables
  if (source === undefined) return []
  const choice = await readChoice(context, settings, source)
  if (!('refused' in choice))
    return [
      ...refuseLimit(scene, choice.strategy),
      ...(await refuseChange(scene, choice.strategy)),
      ...(await warnOfOthers(scene, source, choice.strategy)),
    ]
  const { schema, table } = source.table.name
  const what = choice.refused === undefined ? 'No strategy fits' : `${choice.refused} does not fit`
  return [
    refusal(
      'strategy',
      `${what} ${schema}.${table}: ${choice.obstacles.join('; ')}.`,
      `Remove the obstacle, or name another strategy: ${correct(settings.job, 'source.strategy')}`,
    ),
  ]
}

/**
 * A bucket is set whole or not at all, and every run begins with the same last ones: with a limit below what they hold,
 * no run would ever come further.
 */
function refuseLimit({ context, settings }: CheckScene, strategy: Strategy): readonly Finding[] {
  if (strategy !== 'recompute' || context.limit === undefined) return []
  const { last } = settings.options.source ?? {}
  return [
    refusal(
      'limit',
      `--limit ${context.limit} cannot be kept: recompute sets whole buckets, the last ${last} of them anew in each run.`,
      'Leave --limit out. --max-runtime ends a long first run between two buckets, and the next run goes on there.',
    ),
  ]
}

/**
 * Runs that set counters and runs that add to them cannot follow each other: the one would count rows again that are
 * still there, the other would set to nothing what was counted from rows that are gone.
 */
async function refuseChange(
  { context, settings, tables: { counters } }: CheckScene,
  strategy: Strategy,
): Promise<readonly Finding[]> {
  const { control, job, read } = context
  if (counters.table === undefined || !control.isInstalled || control.missingTables.length > 0) return []
  const [row] = await read((session) => session.rows(selectStrategy(control.schema, job)))
  const before = row === undefined ? strategy : String(row.strategy)
  if ((before === 'recompute') === (strategy === 'recompute')) return []
  const { schema, table } = counters.name
  return [
    refusal(
      'strategyChanged',
      `${schema}.${table} was counted with ${before} until now, and ${strategy} would count events again, or set counters to what is left of them.`,
      `Name source.strategy: ${before}, or another counter table: ${correct(settings.job, 'into.table')}`,
    ),
  ]
}
