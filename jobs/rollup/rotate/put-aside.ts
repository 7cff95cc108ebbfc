import { readTable, type TableDefinition } from '../../../src/db/catalog.ts'
import type { WriteSession } from '../../../src/db/session.ts'
import type { TableName } from '../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { DefinitionUnknownError } from '../../../src/run/ddl-errors.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { readCounter, readNextNumber } from './next-number.ts'
import { nextTable, type Segment, segmentName } from './segment.ts'
import {
  createNext,
  dropTable,
  insertSegment,
  selectAny,
  setAutoIncrement,
  swapTables,
  updateSegment,
} from './sql.ts'

/** A definition whose connection was lost is looked up and tried once more; then a person must look. */
const ATTEMPTS = 2

/** Notes the segment, then puts the table of events aside. A table that holds nothing stays. */
export async function beginSegment(scene: Scene): Promise<Segment | undefined> {
  const { context, source } = scene
  const { name } = source.table
  const [event] = await context.read((session) => session.rows(selectAny(name)))
  if (event === undefined) return undefined
  const table = segmentName(name.table, context.asOf)
  const { job, runId, control } = context
  await context.transact('note segment', (transaction) =>
    transaction.change(insertSegment(control.schema, { job, runId, table, source: name })),
  )
  await context.reach('rollup.segment-noted')
  return putAside(scene, { table, state: 'noted', position: undefined, heldUntil: undefined })
}

/**
 * Exchanges the table of events for an empty one of the same definition. The names change when no transaction has the
 * table open, so what is put aside is complete and changes no more.
 *
 * @throws RowkeeperError `lock.notHad` (exit 75) when somebody kept the table open all the time; nothing is changed then
 */
export async function putAside(scene: Scene, segment: Segment): Promise<Segment> {
  const { context, source, tally } = scene
  const live = source.table.name
  const aside = { schema: live.schema, table: segment.table }
  for (let attempt = 1; attempt <= ATTEMPTS && (await readAside(scene, aside)) === undefined; attempt++) {
    await context
      .define(`putting ${live.table} aside`, (session) => exchangeNames(session, scene, aside), {
        tables: [live],
      })
      .catch(async (error) => {
        // Whether it took effect the catalogue tells.
        if (error instanceof DefinitionUnknownError) return
        await removeNext(scene)
        throw error
      })
  }
  if ((await readAside(scene, aside)) === undefined) throw notPutAside(live, aside)
  await goOnBehind(scene, aside)
  await context.reach('rollup.table-put-aside')
  await context.transact('freeze segment', (transaction) =>
    transaction.change(
      updateSegment(context.control.schema, { job: context.job, table: segment.table, state: 'frozen' }),
    ),
  )
  tally.add(resultOf({ changed: 1 }))
  return { ...segment, state: 'frozen' }
}

async function exchangeNames(session: WriteSession, { source }: Scene, aside: TableName): Promise<void> {
  // Tried again, the exchange may have happened before.
  if ((await readTable(session, aside)) !== undefined) return
  const live = source.table.name
  const next = nextTable(live)
  await removeLeftover(session, next)
  await session.change(createNext(next, live))
  const number = await readNextNumber(session, live)
  if (number.type === 'usedUp') throw numbersUsedUp(live, number.why)
  if (number.type === 'number') await session.change(setAutoIncrement(next, number.start))
  await session.change(swapTables(live, aside, next))
}

/** Nothing stays behind when the names could not be exchanged; if even that fails, the next run does it. */
export async function removeNext({ context, source }: Scene): Promise<void> {
  const next = nextTable(source.table.name)
  await context
    .define(`removing ${next.table}`, (session) => removeLeftover(session, next), { tables: [next] })
    .catch(() => {})
}

/** A run that died made it and nobody wrote to it; one that holds rows is somebody else's. */
async function removeLeftover(session: WriteSession, next: TableName): Promise<void> {
  if ((await readTable(session, next)) === undefined) return
  const [event] = await session.rows(selectAny(next))
  if (event !== undefined) throw nameTaken(next)
  await session.change(dropTable(next))
}

/**
 * The table that was put aside draws no number any more, so its counter is exact. Where writers drew more numbers than the
 * margin while the names were being exchanged, the new table goes on behind them; only what was written to it in the
 * milliseconds before may have numbers of theirs. To fit the counter at this place alone, without a margin before, would
 * leave that gap in every rotation: writers are at the new table from the moment it has the name.
 */
async function goOnBehind({ context, source }: Scene, aside: TableName): Promise<void> {
  const live = source.table.name
  const [drawn, next] = await context.read(async (session) => [
    await readCounter(session, aside),
    await readCounter(session, live),
  ])
  if (drawn === undefined || next === undefined || drawn <= next) return
  await context
    .define(
      `continuing the numbers of ${live.table}`,
      (session) => session.change(setAutoIncrement(live, drawn)),
      { tables: [live] },
    )
    .catch((error) => {
      // Told again, it comes to the same: the next run looks at both counters once more.
      if (!(error instanceof DefinitionUnknownError)) throw error
    })
}

function readAside({ context }: Scene, aside: TableName): Promise<TableDefinition | undefined> {
  return context.read((session) => readTable(session, aside))
}

function nameTaken({ schema, table }: TableName): RowkeeperError {
  return new RowkeeperError({
    code: 'rollup.nameTaken',
    message: `${schema}.${table} is the name that the new table of events needs for a moment, and a table with rows has it.`,
    hint: `Look whose it is. When nobody needs it: DROP TABLE ${table}; then run it again.`,
    effect: 'none',
    exitCode: exitCodes.refused,
  })
}

function numbersUsedUp({ schema, table }: TableName, why: string): RowkeeperError {
  return new RowkeeperError({
    code: 'rollup.numbersUsedUp',
    message: `${schema}.${table} was not put aside: ${why}.`,
    hint: `Give the column a larger type (ALTER TABLE ${table} MODIFY … BIGINT UNSIGNED NOT NULL AUTO_INCREMENT), or set source.strategy: consume`,
    effect: 'none',
    exitCode: exitCodes.refused,
  })
}

function notPutAside(live: TableName, aside: TableName): RowkeeperError {
  return new RowkeeperError({
    code: 'rollup.notPutAside',
    message: `${live.schema}.${live.table} should have been put aside as ${aside.table}, but there is no such table, although the server was told twice.`,
    hint: 'Look at the server with: rowkeeper doctor',
    effect: 'none',
    exitCode: exitCodes.failed,
  })
}
