import type { ArchiveMonth } from '../exchange/archive-month.ts'
import { definitionOf } from '../ledger/months.ts'

/** Why a month may not be taken out of its archive table; undefined when it may. Ends a sentence that names both. */
export function findRefusal({
  ledger,
  columns,
  key,
  partition,
}: Pick<ArchiveMonth, 'ledger' | 'columns' | 'key' | 'partition'>): string | undefined {
  switch (ledger?.state) {
    case undefined:
    case 'unproven':
      return 'it holds rows that nobody accounted for; prove them with: rowkeeper archive verify'
    case 'exchanging':
      return 'it is still on its way into the archive table'
    case 'held':
    case 'dropped':
      return 'it was taken out before'
    case 'open':
    case 'rotating':
      break
  }
  if (ledger.pinnedAt !== undefined) return 'it was restored; let it go again with: rowkeeper archive release'
  if (ledger.definition !== definitionOf(columns)) {
    return 'the table was altered since its rows were proven; prove them with: rowkeeper archive verify'
  }
  if (partition === undefined) return 'it has no partition of its own'
  return key === undefined ? 'no key tells its rows apart' : undefined
}
