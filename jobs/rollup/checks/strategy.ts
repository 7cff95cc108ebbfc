import { readChoice } from '../strategy/topology.ts'
import { correct } from '../tables.ts'
import { type Look, refusal } from './look.ts'

/** A strategy that would lose or double events on this very server is refused, with one that would not. */
export const checkStrategy: Look = async ({ context, settings, tables }) => {
  const { source } = tables
  if (source === undefined) return []
  const choice = await readChoice(context, settings, source)
  if (!('refused' in choice)) return []
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
