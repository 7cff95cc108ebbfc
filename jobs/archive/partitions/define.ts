import { readTable, type TableDefinition } from '../../../src/db/catalog.ts'
import { DatabaseError } from '../../../src/db/errors.ts'
import { readPartitions } from '../../../src/db/partitions.ts'
import type { Statement, TableName } from '../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { DefinitionUnknownError } from '../../../src/run/ddl-errors.ts'
import { archivePlace } from '../place.ts'
import type { Step } from '../plan-model.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { planPartitionChanges } from './changes.ts'
import { compareForArchive } from './compare.ts'
import { type ArchivePair, listPairs } from './pairs.ts'
import { interpret } from './partition-map.ts'
import { changePartitions as changeStatement } from './sql.ts'

type CreateStep = Extract<Step, { type: 'createArchive' }>
type ChangeStep = Extract<Step, { type: 'changePartitions' }>

/** A definition whose connection was lost is looked up and tried once more; then a person must look. */
const ATTEMPTS = 2

/**
 * Makes an archive table and reads it back. One statement makes it whole, so a run that died here left either all of it
 * or nothing, and a table that is there already is only looked at.
 *
 * @throws RowkeeperError `archive.cannotBeMade` with the server's words, `archive.madeDifferently`
 */
export async function createArchive(scene: Scene, step: CreateStep): Promise<void> {
  const pair = findPair(scene, step.table)
  for (
    let attempt = 1;
    attempt <= ATTEMPTS && (await readArchive(scene, step.table)) === undefined;
    attempt++
  ) {
    await define(scene, step, step.statements.map(toStatement)).catch((error) => {
      throw explainRefusal(step.table, error)
    })
    await scene.context.reach('archive.table-made')
    scene.tally.add(
      resultOf({ changed: 1, counts: { partitionsCreated: await countPartitions(scene, step.table) } }),
    )
  }
  refuseDifferences(pair, await readArchive(scene, step.table))
}

/**
 * Gives an archive table its missing months. What is missing is found anew from the catalogue before each change: an
 * earlier run may have come half-way, and somebody may have made some by hand.
 *
 * @throws RowkeeperError `archive.partitionsMissing`
 */
export async function changePartitions(scene: Scene, step: ChangeStep): Promise<void> {
  const pair = findPair(scene, step.table)
  const wanted = step.changes.flatMap(({ months }) => months)
  for (let attempt = 1; attempt < step.changes.length + ATTEMPTS; attempt++) {
    const [missing] = await findMissing(scene, pair, wanted)
    if (missing === undefined) return
    const before = await countPartitions(scene, step.table)
    await define(scene, step, [missing])
    await scene.context.reach('archive.partitions-changed')
    const created = (await countPartitions(scene, step.table)) - before
    if (created > 0) scene.tally.add(resultOf({ changed: 1, counts: { partitionsCreated: created } }))
  }
  if ((await findMissing(scene, pair, wanted)).length > 0) throw stillMissing(step.table)
}

/** Whether it took effect when the connection was lost is for the caller to see: the catalogue tells. */
async function define(
  scene: Scene,
  { table }: { readonly table: TableName },
  statements: readonly Statement[],
) {
  const work = archivePlace(scene.context).define(
    `changing ${table.schema}.${table.table}`,
    async (session) => {
      for (const statement of statements) await session.change(statement)
    },
    { tables: [table] },
  )
  await work.catch((error) => {
    if (!(error instanceof DefinitionUnknownError)) throw error
  })
}

/** The plan shows the text as it is sent, name and all. */
function toStatement(text: string): Statement {
  return { name: 'archive.create-table', chunks: [text], values: [] }
}

async function findMissing(
  scene: Scene,
  { target: { name }, age }: ArchivePair,
  wanted: readonly string[],
): Promise<readonly Statement[]> {
  const { zone } = scene.tables
  const map = await archivePlace(scene.context).read((session) => readPartitions(session, name))
  const through = wanted.toSorted().at(-1)
  if (map === undefined || through === undefined) throw stillMissing(name)
  const table = interpret(map, age, zone)
  if ('problem' in table) throw stillMissing(name)
  const changes = planPartitionChanges({ map, months: wanted, through, age, zone })
  return changes.map((change) => changeStatement(name, change, table))
}

async function countPartitions(scene: Scene, name: TableName): Promise<number> {
  const map = await archivePlace(scene.context).read((session) => readPartitions(session, name))
  return map?.partitions.length ?? 0
}

function readArchive(scene: Scene, name: TableName): Promise<TableDefinition | undefined> {
  return archivePlace(scene.context).read((session) => readTable(session, name))
}

/** Read anew from the configuration's tables, not from the plan: a step names a table, nothing more. */
function findPair({ tables }: Scene, name: TableName): ArchivePair {
  const pair = listPairs(tables).find(({ target }) => target.name.table === name.table)
  if (pair === undefined) throw new TypeError(`${name.table} is no archive table of this job`)
  return pair
}

/** The server may know a type, a collation or an option in another way than the text says. */
function refuseDifferences({ live, target, age }: ArchivePair, made: TableDefinition | undefined): void {
  const [difference] =
    made === undefined
      ? [{ problem: 'it is not there although it was made.', fix: 'See what the server says in its log.' }]
      : compareForArchive(live, made, age)
  if (difference === undefined) return
  throw new RowkeeperError({
    code: 'archive.madeDifferently',
    message: `${target.name.table} was made, and is not what was meant: ${difference.problem} No row was moved.`,
    hint: difference.fix,
    effect: 'partial',
    exitCode: exitCodes.failed,
  })
}

/** Another family may not know an engine option, a type or a collation of the live table: the server says which. */
function explainRefusal({ schema, table }: TableName, error: unknown): unknown {
  if (!(error instanceof DatabaseError) || error.kind !== 'definition') return error
  return new RowkeeperError({
    code: 'archive.cannotBeMade',
    message: `${schema}.${table} cannot be made. ${error.message}`,
    hint: 'Make it by hand, partitioned by month, and run it again. The statement is in: rowkeeper plan',
    exitCode: exitCodes.failed,
    cause: error,
  })
}

function stillMissing({ schema, table }: TableName): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.partitionsMissing',
    message: `${schema}.${table} lacks partitions for months that rows would go to, although they were to be added.`,
    hint: 'Somebody may have altered the table meanwhile. Look at what is there with: rowkeeper archive months',
    effect: 'unknown',
    exitCode: exitCodes.failed,
  })
}
