import type { TableName } from '../../../src/db/statement.ts'
import { canSeeTriggers, readTriggers } from '../../../src/db/triggers.ts'
import type { Read } from '../../../src/run/context.ts'
import type { Finding } from '../../../src/run/events.ts'
import { quoteName } from '../partitions/age-column.ts'
import { listPairs } from '../partitions/pairs.ts'
import { planPlace } from '../place.ts'
import { type CheckScene, type Look, refusal, warning } from './look.ts'

/** Those of the live tables are told, those of the archive tables refused. */
export const checkTriggers: Look = async ({ context, tables }) => {
  const { read: readArchive } = planPlace(context)
  const findings: Finding[] = []
  for (const { live, target } of listPairs(tables)) {
    findings.push(...(await tellDeleteTriggers(context.read, live.name)))
    if (target.table !== undefined) findings.push(...(await refuseTriggers(readArchive, target.name)))
  }
  return findings
}

/** Written for rows that leave, they fire for rows that move. That may be what is wanted. */
async function tellDeleteTriggers(read: Read, name: TableName): Promise<readonly Finding[]> {
  const triggers = await read((session) => readTriggers(session, name))
  const fired = triggers.filter(({ event }) => event === 'DELETE').map((trigger) => trigger.name)
  if (fired.length === 0) return []
  return [
    warning('deleteTriggers', `Every row that is moved out of ${name.table} fires ${fired.join(', ')}.`),
  ]
}

/** They would change rows between the copy and its proof, or do again what was done when the row was new. */
async function refuseTriggers(read: Read, name: TableName): Promise<readonly Finding[]> {
  const triggers = await read((session) => readTriggers(session, name))
  if (triggers.length === 0) return []
  const listed = triggers.map((trigger) => `${trigger.name} (${trigger.timing} ${trigger.event})`).join(', ')
  const drops = triggers.map((trigger) => `DROP TRIGGER ${quoteName(trigger.name)}`).join('; ')
  return [
    refusal(
      'archiveTriggers',
      `The archive table ${name.table} has triggers: ${listed}. They would change rows on their way, or act on them a second time.`,
      drops,
    ),
  ]
}

/** The tables whose triggers the account may not see. */
export async function listUnseenTriggers({ context, tables }: CheckScene): Promise<readonly TableName[]> {
  const { read: readArchive } = planPlace(context)
  const unseen: TableName[] = []
  for (const { live, target } of listPairs(tables)) {
    if (!(await context.read((session) => canSeeTriggers(session, live.name)))) unseen.push(live.name)
    const isThere = target.table !== undefined
    if (isThere && !(await readArchive((session) => canSeeTriggers(session, target.name))))
      unseen.push(target.name)
  }
  return unseen
}
