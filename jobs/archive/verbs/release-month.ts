import type { ExecuteContext } from '../../../src/run/context.ts'
import type { VerbInput, VerbResult } from '../../../src/run/job.ts'
import { readMonths } from '../ledger/months.ts'
import { writeMonth } from '../ledger/write-month.ts'
import type { Month } from '../partitions/months.ts'
import { listPairs } from '../partitions/pairs.ts'
import { archivePlace } from '../place.ts'
import { readTables, type Tables } from '../tables.ts'
import { monthNeeded, noSuchMonth, readMonth, type Settings } from './input.ts'

/** Lets runs archive a restored month again, and take it out of the archive table when its time is over. */
export async function releaseMonth(
  context: ExecuteContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  const month = readMonth(input)
  if (month === undefined) throw monthNeeded('release', settings)
  const tables = await readTables(context, settings)
  const released = await unpin(context, tables, month)
  if (released === undefined) throw noSuchMonth(month, tables.target.name.table, settings)
  const said = released ? 'is released; the next run archives it again' : 'was not pinned'
  return {
    report: { headline: `${settings.job}: ${month} ${said}.`, sections: [] },
    detail: { month, released },
    next: released ? [`rowkeeper run ${settings.job}`] : [],
    counts: {},
    changed: released ? 1 : 0,
    leftOver: 0,
  }
}

/** Whether it was pinned; undefined for a month that the ledger does not know. */
function unpin(context: ExecuteContext, tables: Tables, month: Month): Promise<boolean | undefined> {
  const { control, transact } = archivePlace(context)
  const change = { pinnedAt: null, pinnedBy: null }
  return transact(`release ${month}`, async (transaction) => {
    const pinned: (boolean | undefined)[] = []
    for (const { target } of listPairs(tables)) {
      const known = (await readMonths(transaction, control, target.name)).get(month)
      pinned.push(known && known.pinnedAt !== undefined)
      if (known?.pinnedAt === undefined) continue
      const of = { schema: control.schema, archive: target.name, month }
      await writeMonth(transaction, of, { change, runId: context.runId })
    }
    return pinned[0] === undefined ? undefined : pinned.includes(true)
  })
}
