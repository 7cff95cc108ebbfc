import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { NamedDatabase } from '../run/control-writer.ts'
import type { Desk } from './desk.ts'

/** The database of `--database`, or the only one there is. */
export function chooseDatabase(desk: Desk, wanted: unknown): NamedDatabase {
  const { databases } = desk.loaded.config
  const names = Object.keys(databases)
  const name = typeof wanted === 'string' ? wanted : names.length === 1 ? names[0] : undefined
  const config = name === undefined ? undefined : databases[name]
  if (name !== undefined && config !== undefined) return { name, config }
  throw new RowkeeperError({
    code: 'usage.whichDatabase',
    message:
      name === undefined ? 'The configuration has several databases.' : `There is no database ${name}.`,
    hint: `Add --database with one of: ${names.join(', ')}`,
    exitCode: exitCodes.usage,
  })
}

/** Every database of the configuration. */
export function allDatabases(desk: Desk): readonly NamedDatabase[] {
  return Object.entries(desk.loaded.config.databases).map(([name, config]) => ({ name, config }))
}
