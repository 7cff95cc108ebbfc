import type { TableName } from '../../src/db/statement.ts'

/**
 * What a migration makes beside the table. Every name begins with the table's own: locks are taken in the order of names,
 * so a RENAME that waits for the shadow holds back the writers of the table, and none of them can write to a table that is
 * about to be renamed away (github/gh-ost 887; tried on both servers with a reader that holds the shadow).
 */
export interface Artefacts {
  /** The copy, which gets the name of the table in the end. */
  readonly shadow: TableName
  /** What the table is called after the swap. */
  readonly retired: TableName
  /** Keys of rows that changed since the triggers are there. */
  readonly changelog: TableName
  /** The same for rows that change after the swap: the way back. */
  readonly reverseChangelog: TableName
  /** An empty table of the wanted definition, to ask the server what an ALTER makes of it. */
  readonly scratch: TableName
}

/** All suffixes have this length. */
const SUFFIX_LENGTH = 8
const LONGEST_NAME = 64

/** Longer names would have to be cut, and would no longer sort behind the table. */
export const LONGEST_TABLE_NAME = LONGEST_NAME - SUFFIX_LENGTH

export function artefactsOf({ schema, table }: TableName): Artefacts {
  const name = (suffix: string): TableName => ({ schema, table: `${table}${suffix}` })
  return {
    shadow: name('__rk_new'),
    retired: name('__rk_old'),
    changelog: name('__rk_log'),
    reverseChangelog: name('__rk_bak'),
    scratch: name('__rk_try'),
  }
}

export type TriggerEvent = 'INSERT' | 'UPDATE' | 'DELETE'
export const triggerEvents: readonly TriggerEvent[] = ['INSERT', 'UPDATE', 'DELETE']

const triggerSuffixes: Readonly<Record<'forward' | 'reverse', Readonly<Record<TriggerEvent, string>>>> = {
  forward: { INSERT: '__rk_ins', UPDATE: '__rk_upd', DELETE: '__rk_del' },
  reverse: { INSERT: '__rk_bin', UPDATE: '__rk_bup', DELETE: '__rk_bde' },
}

/** forward: of the table, until the swap. reverse: of what has its name after it. Names are unique in the schema. */
export function triggerName(
  { schema, table }: TableName,
  direction: 'forward' | 'reverse',
  event: TriggerEvent,
): TableName {
  return { schema, table: `${table}${triggerSuffixes[direction][event]}` }
}
