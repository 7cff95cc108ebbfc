import type { TableName } from '../../../src/db/statement.ts'
import { tokenize, unquote } from '../../../src/db/table-text.ts'
import { retargetCreate } from '../definition/create-text.ts'
import { withoutSecondaryIndexes } from '../definition/secondary-indexes.ts'
import type { Wanted } from './scratch.ts'

/** How the shadow is made: without its secondary indexes first, which are built in half the time when all rows are there. */
export interface Blueprint {
  /** A CREATE TABLE as the server wrote it, under the name of the scratch table. */
  readonly create: string
  /** `ADD UNIQUE KEY …`. */
  readonly indexClauses: readonly string[]
}

/** `keyIndex`: finds a row again, so it is there from the beginning. */
export function drawBlueprint({ createTable }: Pick<Wanted, 'createTable'>, keyIndex: string): Blueprint {
  const { create, indexClauses } = withoutSecondaryIndexes(createTable, {
    keep: [keyIndex],
    foreignKeys: 'kept',
  })
  return { create, indexClauses }
}

/** The statement that makes it under this name. */
export function createText({ create }: Blueprint, name: TableName): string {
  const text = retargetCreate(create, name)
  if (typeof text !== 'string')
    throw new TypeError(`the server's own text is no CREATE TABLE: ${text.problem}`)
  return text
}

/** Of an ADD clause as the server writes it: the first name in it. */
export function indexNameOf(clause: string): string {
  const name = tokenize(clause).find(({ kind }) => kind === 'name')
  return unquote(name?.text ?? '')
}
