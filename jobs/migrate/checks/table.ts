import { readForeignKeys } from '../../../src/db/foreign-keys.ts'
import { readReferringTables } from '../../../src/db/referring-tables.ts'
import { readTriggers } from '../../../src/db/triggers.ts'
import { triggerEvents, triggerName } from '../names.ts'
import { type Look, refusal } from './look.ts'

export const checkEngine: Look = async ({ table: { name, engine } }) => {
  if (engine.toLowerCase() === 'innodb') return []
  return [
    refusal(
      'engine',
      `${name.schema}.${name.table} is a table of ${engine}: a change and its entry in the changelog would not commit together.`,
      'Only InnoDB tables can be copied while they are written to.',
    ),
  ]
}

/**
 * A table that others refer to would have to be swapped under their constraints; a change that a constraint makes (CASCADE,
 * SET NULL) fires no trigger on either server, so it would go unseen.
 */
export const checkForeignKeys: Look = async ({ context, table: { name } }) => {
  const { incoming, outgoing } = await context.read((session) => readForeignKeys(session, name))
  const referring = (await context.read((session) => readReferringTables(session, name))) ?? []
  const parents = new Set(
    [...incoming, ...referring.map((table) => ({ table }))].map((one) => tableText(one.table)),
  )
  const cascading = outgoing.filter(({ onDelete, onUpdate }) => [onDelete, onUpdate].some(isUnseen))
  return [
    ...[...parents].map((child) =>
      refusal(
        'referenced',
        `${child} has a foreign key to ${tableText(name)}. It would go on pointing to the retired table.`,
        `Drop the foreign key of ${child} before, and make it again after.`,
      ),
    ),
    ...cascading.map((key) =>
      refusal(
        'cascade',
        `${tableText(name)} has the foreign key ${key.name}, by which ${tableText(key.referenced)} changes its rows (ON DELETE ${key.onDelete}, ON UPDATE ${key.onUpdate}). Such changes fire no trigger and would be lost.`,
        `Drop ${key.name} before, and make it again after.`,
      ),
    ),
  ]
}

function isUnseen(action: string): boolean {
  return action === 'CASCADE' || action === 'SET NULL' || action === 'SET DEFAULT'
}

function tableText({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${schema}.${table}`
}

export const checkTriggers: Look = async ({ context, table: { name }, migration }) => {
  if (migration !== undefined) return []
  const own = triggerEvents.map((event) => triggerName(name, 'forward', event).table)
  const triggers = await context.read((session) => readTriggers(session, name))
  const others = triggers.filter((trigger) => !own.includes(trigger.name))
  if (others.length === 0) return []
  return [
    refusal(
      'triggers',
      `${name.schema}.${name.table} has triggers of its own: ${others.map((trigger) => trigger.name).join(', ')}. They would stay with the retired table.`,
      'Drop them before, and make them again after; or let the server alter the table itself.',
    ),
  ]
}
