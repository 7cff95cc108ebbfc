import { describeGrant, findMissingPrivileges, type Privilege } from '../../src/db/privileges.ts'
import type { TableName } from '../../src/db/statement.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { Finding } from '../../src/run/events.ts'
import type { Check } from '../../src/run/job.ts'
import type { ReconcileConfig } from './config.ts'

/** A missing right is found before the first fix, not by it. */
export const privilegeCheck: Check<ReconcileConfig> = {
  id: 'reconcile.privileges',
  scope: 'run',
  async look(context, { schema, options }) {
    const own = await lookAt(context, { schema, table: options.table }, ['SELECT', 'UPDATE'])
    if (options.also === undefined) return own
    return [...own, ...(await lookAt(context, { schema, table: options.also.insertInto }, ['INSERT']))]
  },
}

async function lookAt(
  context: PlanContext,
  name: TableName,
  needed: readonly Privilege[],
): Promise<readonly Finding[]> {
  return context.read(async (session) => {
    const missing = await findMissingPrivileges(session, name, needed)
    if (missing.length === 0) return []
    return [
      {
        id: 'reconcile.privileges',
        severity: 'error',
        evidence: `The account may not ${missing.join(' or ')} on ${name.schema}.${name.table}.`,
        fix: await describeGrant(session, name, missing),
      },
    ]
  })
}
