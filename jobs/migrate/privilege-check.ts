import { isGranted, readGrants } from '../../src/db/account-grants.ts'
import { describeGrant, findMissingPrivileges, type Privilege } from '../../src/db/privileges.ts'
import type { TableName } from '../../src/db/statement.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { Finding } from '../../src/run/events.ts'
import type { Check } from '../../src/run/job.ts'
import { findUnreadableSensors } from '../../src/run/throttle.ts'
import type { MigrateConfig } from './config.ts'
import { artefactsOf, LONGEST_TABLE_NAME } from './names.ts'
import { selectTriggerTrust } from './sql.ts'
import { type Settings, targetTable } from './tables.ts'

const id = 'migrate.privileges'

const onTable: readonly Privilege[] = ['SELECT', 'INSERT', 'ALTER', 'DROP', 'TRIGGER', 'LOCK TABLES']
const onShadow: readonly Privilege[] = ['SELECT', 'INSERT', 'DELETE', 'CREATE', 'ALTER', 'DROP', 'TRIGGER']

/** A missing right is found before anything is made, not by it. */
export const privilegeCheck: Check<MigrateConfig> = {
  id,
  scope: 'run',
  async look(context, settings) {
    const name = targetTable(settings)
    if ([...name.table].length > LONGEST_TABLE_NAME) return []
    return [
      ...(await lookAt(context, name, onTable)),
      ...(await lookAt(context, artefactsOf(name).shadow, onShadow)),
      ...(await lookAtTriggers(context, name)),
      ...(await findUnreadableSensors(context, settings.options.throttle, id)),
    ]
  },
}

/** For a plan, which does no more. */
export function checkReadable(context: PlanContext, settings: Settings): Promise<readonly Finding[]> {
  return lookAt(context, targetTable(settings), ['SELECT'])
}

function lookAt(
  { read }: PlanContext,
  name: TableName,
  privileges: readonly Privilege[],
): Promise<readonly Finding[]> {
  return read(async (session) => {
    const missing = await findMissingPrivileges(session, name, privileges)
    if (missing.length === 0) return []
    return [
      {
        id,
        severity: 'error',
        evidence: `The account may not ${missing.join(' or ')} on ${name.schema}.${name.table}.`,
        // Tables are made beside it whose names are not there to be granted anything on.
        fix: await describeGrant(session, { schema: name.schema }, missing),
      },
    ]
  })
}

/** Error 1419: with a binary log, whoever makes a trigger needs SUPER, unless the server trusts everybody. */
async function lookAtTriggers({ read, server }: PlanContext, name: TableName): Promise<readonly Finding[]> {
  if (!server.binaryLog) return []
  const [row] = await read((session) => session.rows(selectTriggerTrust()))
  if (String(row?.trust) === '1') return []
  const grants = await read(readGrants)
  if (isGranted(grants, 'SUPER', name)) return []
  return [
    {
      id,
      severity: 'error',
      evidence:
        'The server writes a binary log and lets only accounts with SUPER make triggers (log_bin_trust_function_creators is 0, error 1419).',
      fix: 'SET GLOBAL log_bin_trust_function_creators = 1',
    },
  ]
}
