import type { Column } from '../../../src/db/catalog.ts'
import {
  type Fragment,
  id,
  join,
  raw,
  type Statement,
  sql,
  statement,
  type TableName,
  tableId,
} from '../../../src/db/statement.ts'
import type { TriggerEvent } from '../names.ts'

/** A text of the server or of the operator, with the name in it. */
export function createFromText(text: string): Statement {
  return statement('migrate.create-table', raw(text))
}

export function dropIndexes(name: TableName, indexes: readonly string[]): Statement {
  const drops = indexes.map((index) => sql`DROP INDEX ${id(index)}`)
  return statement('migrate.drop-indexes', sql`ALTER TABLE ${tableId(name)} ${join(drops)}`)
}

/**
 * Keys of changed rows, appended and never updated: a row that is changed all the time is not a row that all its writers
 * wait for. The types are those of the key, taken from the table itself.
 */
export function createChangelog(name: TableName, source: TableName, key: readonly Column[]): Statement {
  const columns = key.map((column, position) => sql`${id(column.name)} AS ${keyColumn(position)}`)
  return statement(
    'migrate.create-changelog',
    sql`CREATE TABLE ${tableId(name)} (change_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE = InnoDB
      SELECT ${join(columns)} FROM ${tableId(source)} WHERE FALSE`,
  )
}

/** Of the changelog, whatever the column of the table is called. */
export function keyColumn(position: number): Fragment {
  return id(`key_${position}`)
}

/** A session that applies changes sets it: what it writes to the other table is no change of the application. */
const APPLIES = raw('@rowkeeper_applies')

export interface TriggerText {
  readonly trigger: TableName
  readonly event: TriggerEvent
  readonly on: TableName
  readonly changelog: TableName
  readonly key: readonly Column[]
}

/**
 * After the change, in the transaction of whoever makes it. The old key, and the new one when it is another: compared as
 * bytes, so that `a` that becomes `A` counts as changed.
 */
export function createTrigger({ trigger, event, on, changelog, key }: TriggerText): Statement {
  const note = (row: 'OLD' | 'NEW') => noteKey(changelog, key, row)
  const bodies: Readonly<Record<TriggerEvent, Fragment>> = {
    INSERT: note('NEW'),
    DELETE: note('OLD'),
    UPDATE: sql`BEGIN ${note('OLD')}; IF NOT (${isSameKey(key)}) THEN ${note('NEW')}; END IF; END`,
  }
  return statement(
    'migrate.create-trigger',
    sql`CREATE TRIGGER ${tableId(trigger)} AFTER ${raw(event)} ON ${tableId(on)} FOR EACH ROW
      IF ${APPLIES} IS NULL THEN ${event === 'UPDATE' ? bodies.UPDATE : bodies[event]}; END IF`,
  )
}

function noteKey(changelog: TableName, key: readonly Column[], row: 'OLD' | 'NEW'): Fragment {
  const columns = key.map((_, position) => keyColumn(position))
  const values = key.map(({ name }) => sql`${raw(row)}.${id(name)}`)
  return sql`INSERT INTO ${tableId(changelog)} (${join(columns)}) VALUES (${join(values)})`
}

function isSameKey(key: readonly Column[]): Fragment {
  const same = key.map(({ name, collation }) => {
    const binary = raw(collation === undefined ? '' : 'BINARY ')
    return sql`${binary}OLD.${id(name)} = ${binary}NEW.${id(name)}`
  })
  return join(same, ' AND ')
}

/**
 * For the rest of the session. The source has the same foreign keys, and is checked: to check the copy again would lock rows
 * of the parents.
 */
export const markApplying = statement(
  'migrate.mark-applying',
  sql`SET ${APPLIES} = 1, foreign_key_checks = 0`,
)

export function dropTrigger(trigger: TableName): Statement {
  return statement('migrate.drop-trigger', sql`DROP TRIGGER IF EXISTS ${tableId(trigger)}`)
}
