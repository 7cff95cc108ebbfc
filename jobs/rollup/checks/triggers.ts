import { readTriggers } from '../../../src/db/triggers.ts'
import { type Look, warning } from './look.ts'

/** Deleting a counted event fires what the application meant for its own deletes. */
export const checkTriggers: Look = async ({ context, settings, tables: { source } }) => {
  const strategy = settings.options.source?.strategy
  if (source === undefined || (strategy !== 'consume' && strategy !== 'auto')) return []
  const triggers = await context.read((session) => readTriggers(session, source.table.name))
  return triggers
    .filter(({ event }) => event === 'DELETE')
    .map(({ name }) =>
      warning(
        'deleteTrigger',
        `The trigger ${name} of ${source.table.name.table} fires for every event that is counted and deleted.`,
      ),
    )
}
