import { readTable } from '../../../src/db/catalog.ts'
import { DatabaseError } from '../../../src/db/errors.ts'
import { DefinitionUnknownError } from '../../../src/run/ddl-errors.ts'
import { DUPLICATE, duplicateRows } from '../changes/apply.ts'
import { isSameName } from '../definition/clause-tokens.ts'
import type { Scene } from '../scene.ts'
import { alterTable, analyzeTable } from '../sql.ts'
import { type Blueprint, indexNameOf } from './blueprint.ts'

/** A definition whose connection was lost is looked up and tried once more; then a person must look. */
const ATTEMPTS = 2

/** All that are missing, in one ALTER: the rows are read once. */
export async function buildIndexes(scene: Scene, blueprint: Blueprint): Promise<void> {
  const { context, route } = scene
  const { shadow } = route
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const clauses = await findMissing(scene, blueprint)
    if (clauses.length === 0) break
    await context
      .define(
        `building the indexes of ${shadow.table}`,
        (session) => session.change(alterTable(shadow, clauses.join(', '))),
        { tables: [shadow] },
      )
      .catch((error) => {
        if (error instanceof DatabaseError && error.number === DUPLICATE) throw duplicateRows(scene, error)
        if (!(error instanceof DefinitionUnknownError)) throw error
      })
  }
  await context.reach('migrate.indexes-built')
  await context.define(`analyzing ${shadow.table}`, (session) => session.rows(analyzeTable(shadow)), {
    tables: [shadow],
  })
}

async function findMissing(
  { context, route }: Scene,
  { indexClauses }: Blueprint,
): Promise<readonly string[]> {
  const table = await context.read((session) => readTable(session, route.shadow))
  const there = table?.indexes ?? []
  return indexClauses.filter((clause) => !there.some(({ name }) => isSameName(name, indexNameOf(clause))))
}
