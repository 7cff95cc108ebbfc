import { findColumn } from '../../../src/db/catalog.ts'
import { seenColumns, seenKey } from '../seen/sql.ts'
import { type Look, refusal } from './look.ts'

/** Made by this job, under a name that something else may have had before. */
export const checkSeen: Look = async ({ tables: { seen } }) => {
  const table = seen?.table
  if (table === undefined) return []
  const missing = seenColumns.filter((name) => findColumn(table, name) === undefined)
  const unique = table.indexes.filter(({ isUnique }) => isUnique).map(({ columns }) => columns.join())
  const hasKey = unique.length === 1 && unique[0] === seenKey.join()
  if (missing.length === 0 && hasKey) return []
  const { schema, table: name } = table.name
  const what =
    missing.length > 0
      ? `has no column ${missing.join(', ')}`
      : `has not (${seenKey.join(', ')}) as its only unique key`
  return [
    refusal(
      'seenTable',
      `${schema}.${name} is where the job remembers what it has seen, but it ${what}.`,
      `Give it another name (RENAME TABLE ${name} TO …): the job then makes its own.`,
    ),
  ]
}
