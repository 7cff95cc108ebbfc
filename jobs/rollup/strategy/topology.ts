import { readForeignKeys } from '../../../src/db/foreign-keys.ts'
import { readReferringTables } from '../../../src/db/referring-tables.ts'
import { canSeeTriggers, readTriggers } from '../../../src/db/triggers.ts'
import type { PlanContext } from '../../../src/run/context.ts'
import { canCountInside } from '../counters/count-inside.ts'
import { readNextNumber } from '../rotate/next-number.ts'
import type { Settings, SourceTable } from '../tables.ts'
import { type Choice, chooseStrategy, type Topology } from './choose.ts'

export async function readChoice(
  context: PlanContext,
  settings: Settings,
  source: SourceTable,
): Promise<Choice> {
  const asked = settings.options.source?.strategy ?? 'auto'
  return chooseStrategy(asked, await readTopology(context, settings, source))
}

async function readTopology(
  context: PlanContext,
  { options }: Settings,
  source: SourceTable,
): Promise<Topology> {
  const { table, time } = source
  return context.read(async (session) => {
    const keys = await readForeignKeys(session, table.name)
    const hidden = (await readReferringTables(session, table.name)) ?? []
    const referring = [...keys.incoming.map(({ table: child }) => child), ...hidden].map(
      ({ schema, table: child }) => `${schema}.${child}`,
    )
    const number = await readNextNumber(session, table.name)
    return {
      referring: [...new Set(referring)],
      name: table.name.table,
      foreignKeys: keys.outgoing.length,
      areTriggersSeen: await canSeeTriggers(session, table.name),
      usedUpNumbers: number.type === 'usedUp' ? number.why : undefined,
      looksAtEvents: !canCountInside(source),
      triggers: (await readTriggers(session, table.name)).map(({ name }) => name),
      isTimeIndexed: table.indexes.some(({ columns }) => columns[0] === time.column.name),
      estimatedEvents: table.estimatedRows,
      holdsEvents: (options.source?.hold ?? 0) > 0,
    }
  })
}
