import type { Cell, Row } from '../../../src/db/connection.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import { type Digest, toDigest } from '../../../src/engine/chunks/digest.ts'
import type { ExecuteContext, PlanContext } from '../../../src/run/context.ts'
import type { Month } from '../partitions/months.ts'
import { archivePlace, planPlace } from '../place.ts'
import type { PlanScene } from '../scene.ts'
import {
  type BatchId,
  deleteJournal,
  type JournalRow,
  type JournalState,
  selectJournal,
  selectKnownRuns,
  selectMarkers,
} from './journal-sql.ts'

/** Rows of the live table that a batch copied or puts back, by their keys as `selectKey` brings them. */
export interface Copied {
  readonly month: Month
  readonly keys: readonly (readonly Cell[])[]
}

/** A batch whose rows were on their way between the two servers. */
export interface JournalEntry extends Copied {
  readonly id: BatchId
  readonly state: JournalState
  /** Of the live table's rows alone. */
  readonly digest: Digest
  /** Of the transaction at the source; unknown when the ledger there does not know the run any more, or never did. */
  readonly source: 'committed' | 'rolledBack' | 'unknown'
}

/** Whether rows of it may be on both servers: copied and not deleted, or restored and not deleted. */
export function isOpen({ state, source }: JournalEntry): boolean {
  return source !== (state === 'copied' ? 'committed' : 'rolledBack')
}

/** What planning and executing have in common. */
export type JournalScene = Pick<PlanScene, 'tables'> & { readonly context: PlanContext }

/** The batches of this live table that may have left rows in both places, oldest first. */
export async function readJournal(scene: JournalScene): Promise<readonly JournalEntry[]> {
  const { context, tables } = scene
  const { control, read } = planPlace(context)
  if (!control.isInstalled || !context.control.isInstalled) return []
  const rows = await read((session) => session.rows(selectJournal(control.schema, tables.target.name)))
  if (rows.length === 0) return []
  return context.read(async (session) => {
    const known = await readKnown(session, context.control.schema, rows)
    return rows.filter((row) => isOurs(row, known, scene)).map((row) => toEntry(row, known))
  })
}

interface Known {
  readonly runs: ReadonlySet<string>
  readonly markers: ReadonlySet<string>
}

async function readKnown(session: ReadSession, schema: string, rows: readonly Row[]): Promise<Known> {
  const runs = await session.rows(
    selectKnownRuns(schema, [...new Set(rows.map(({ run_id }) => String(run_id)))]),
  )
  const markers = await session.rows(selectMarkers(schema, rows.map(toId)))
  return {
    runs: new Set(runs.map(({ run_id }) => String(run_id))),
    markers: new Set(markers.map((row) => JSON.stringify(toId(row)))),
  }
}

/**
 * Several live tables may share an archive table. A run that the source's ledger knows is of this source, under
 * whatever name its server goes since a failover; for one that was forgotten the name has to do.
 */
function isOurs(row: Row, { runs }: Known, scene: JournalScene): boolean {
  const sourceId = String(row.source_id)
  return runs.has(String(row.run_id)) ? sourceId.startsWith(tableText(scene)) : sourceId === sourceIdOf(scene)
}

function toEntry(row: Row, { runs, markers }: Known): JournalEntry {
  const id = toId(row)
  const without = runs.has(id.runId) ? 'rolledBack' : 'unknown'
  const copied = JSON.parse(String(row.keys)) as Copied
  return {
    ...copied,
    id,
    state: row.state === 'restoring' ? 'restoring' : 'copied',
    digest: toDigest(row),
    source: markers.has(JSON.stringify(id)) ? 'committed' : without,
  }
}

function toId(row: Row): BatchId {
  return { runId: String(row.run_id), seq: Number(row.seq) }
}

const SOURCE_ID_LENGTH = 255

/** `shop.orders on 10.0.0.7:3306/1`. */
export function sourceIdOf(scene: JournalScene): string {
  return `${tableText(scene)}${scene.context.server.id}`.slice(0, SOURCE_ID_LENGTH)
}

function tableText({ tables }: JournalScene): string {
  const { schema, table } = tables.source.table.name
  return `${schema}.${table} on `
}

/** The row of the journal for a batch. */
export function toJournalRow(
  scene: JournalScene,
  id: BatchId,
  { month, keys, digest, state }: Copied & Pick<JournalEntry, 'digest' | 'state'>,
): JournalRow {
  return {
    ...id,
    state,
    job: scene.context.job,
    sourceId: sourceIdOf(scene),
    archive: scene.tables.target.name,
    digest,
    firstKey: JSON.stringify(keys[0]),
    lastKey: JSON.stringify(keys.at(-1)),
    keys: JSON.stringify({ month, keys } satisfies Copied),
  }
}

/** Batches whose rows are on one server by now. */
export async function forget(context: ExecuteContext, batches: readonly BatchId[]): Promise<void> {
  if (batches.length === 0) return
  const { control, transact } = archivePlace(context)
  await transact('forget settled batches', async (there) => {
    for (const id of batches) await there.change(deleteJournal(control.schema, id))
  })
}
