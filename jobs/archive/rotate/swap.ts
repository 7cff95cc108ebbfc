import { type Column, readTable } from '../../../src/db/catalog.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import type { TableName } from '../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { DefinitionUnknownError } from '../../../src/run/ddl-errors.ts'
import type { ArchiveMonth } from '../exchange/archive-month.ts'
import { drainRows } from '../exchange/drain-rows.ts'
import { dropEmptyHeld, makeHeld } from '../exchange/held-table.ts'
import { type Extent, exchangePartition } from '../exchange/sql.ts'
import { differentOr } from '../exchange/take-out.ts'
import { type Halves, heldExtent, partitionExtent, type Rotation, readHalves } from './rotation.ts'

/** More than any swap takes, with a connection lost here and there. */
const TURNS = 8

/**
 * Swaps the partition of a month against an empty table of its own, whichever of the two steps an earlier run took.
 * `different`: the server finds the two unlike, and nothing was changed.
 */
export async function takeOut(rotation: Rotation, table: ArchiveMonth): Promise<'out' | 'different'> {
  for (let turn = 1; turn <= TURNS; turn++) {
    const { held, partition } = await readHalves(rotation, table)
    if (held === 'filled' || partition !== 'filled') return 'out'
    if (held !== 'empty') await attempt(makeHeld(rotation.place, table.held, table.archive))
    else if ((await attempt(exchange(rotation, table))) === 'different') return 'different'
    else await rotation.scene.context.reach('archive.rotation-taken-out')
  }
  throw stuck(table)
}

/**
 * Swaps a held month back into its partition. Rows that came into the partition meanwhile join the held ones first: they
 * are the fewer. Whatever it finds, in the end the partition has all of them and the held table is gone.
 */
export async function putBack(rotation: Rotation, table: ArchiveMonth): Promise<void> {
  for (let turn = 1; turn <= TURNS; turn++) {
    const halves = await readHalves(rotation, table)
    if (halves.held === 'missing') return
    const ended = await attempt(putBackOnce(rotation, table, halves))
    if (ended === 'different') await drain(rotation, table, 'intoPartition')
  }
  throw stuck(table)
}

async function putBackOnce(
  rotation: Rotation,
  table: ArchiveMonth,
  { held, partition }: Halves,
): Promise<'in' | 'different'> {
  if (held !== 'filled') {
    await dropEmptyHeld(rotation.place, table.held)
    return 'in'
  }
  if (partition === 'filled') await drain(rotation, table, 'intoHeld')
  const ended = await exchange(rotation, table)
  await rotation.scene.context.reach('archive.rotation-put-back')
  return ended
}

/** What became of a definition whose connection was lost is seen at the next look. */
async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof DefinitionUnknownError) return undefined
    throw error
  }
}

/** The one holds rows and the other none; which way round is the same to the server. */
function exchange({ place }: Rotation, table: ArchiveMonth): Promise<'in' | 'different'> {
  const of = extentOf(table)
  const label = `exchanging ${table.of.month} of ${table.archive.schema}.${table.archive.table}`
  return place
    .define(label, (session) => session.change(exchangePartition(of, table.held)), {
      tables: [table.archive],
    })
    .then(() => 'in' as const, differentOr)
}

async function drain(
  { place, scene }: Rotation,
  table: ArchiveMonth,
  direction: 'intoHeld' | 'intoPartition',
): Promise<void> {
  const { key, archive } = table
  const [partition, held] = [extentOf(table), heldExtent(table)]
  const [from, to]: readonly Extent[] = direction === 'intoHeld' ? [partition, held] : [held, partition]
  if (key === undefined || from === undefined || to === undefined) throw stuck(table)
  await drainRows(
    { stop: scene.context.stop, pace: scene.pace, place },
    {
      from,
      to,
      key,
      columns: await place.read((session) => sharedColumns(session, archive, table.held)),
      batchRows: scene.settings.options.batch.rows,
      // The ledger speaks of both halves together.
      account: async () => {},
    },
  )
}

/** The archive table may have been altered since the held one was made. */
async function sharedColumns(
  session: ReadSession,
  archive: TableName,
  held: TableName,
): Promise<readonly Column[]> {
  const [here, there] = [await readTable(session, held), await readTable(session, archive)]
  const names = new Set(there?.columns.map(({ name }) => name))
  return here?.columns.filter(({ name, isGenerated }) => !isGenerated && names.has(name)) ?? []
}

function extentOf(table: ArchiveMonth): Extent & { readonly partition: string } {
  const extent = partitionExtent(table)
  if (extent?.partition === undefined) throw stuck(table)
  return { table: extent.table, partition: extent.partition }
}

function stuck({ archive, of, held }: ArchiveMonth): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.rotationStuck',
    message: `The rows of ${of.month} could not be moved between ${archive.schema}.${archive.table} and ${held.table}; each of them is in one of the two.`,
    hint: 'See where it stands with: rowkeeper archive months. Then run the job again; it goes on from there.',
    effect: 'partial',
    exitCode: exitCodes.failed,
  })
}
