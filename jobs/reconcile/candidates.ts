import { elapsedBetween, shiftInstant, toColumnTime, toEarliestColumnTime } from '../../src/db/date-time.ts'
import type { ReadSession } from '../../src/db/session.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { Checkpoint, JobSettings } from '../../src/run/job.ts'
import type { ReconcileConfig } from './config.ts'
import { askedStates, type Item, isDue, itemOf, readItem } from './items.ts'
import { type Key, type LocalRow, toLocalRow } from './row.ts'
import type { Source } from './source.ts'
import { type CandidatePage, selectCandidates, selectItems, selectItemsByState, selectRow } from './sql.ts'

/** Where a run stands between pages. */
export interface Cursor {
  /** The last row read; undefined before the first page. */
  readonly after: { readonly createdText: string; readonly key: Key } | undefined
  /** Rows the next page reads, and the one after it. */
  readonly pageRows: number
  readonly followingRows: number
  readonly examined: number
  /** This run, with these credentials, was shown a payment we know. */
  readonly canary: boolean
  /** The run the canary belongs to; another run has to see one of its own. */
  readonly runId: string
}

/** Small first, so that a wrong configuration shows itself before many rows were asked about. */
const FIRST_PAGE_ROWS = 500

export function startCursor(runId: string): Cursor {
  return {
    after: undefined,
    pageRows: FIRST_PAGE_ROWS,
    followingRows: FIRST_PAGE_ROWS,
    examined: 0,
    canary: false,
    runId,
  }
}

/** A checkpoint of an earlier run keeps its position and nothing else. */
export function readCursor(checkpoint: Checkpoint | undefined, runId: string): Cursor {
  if (checkpoint === undefined) return startCursor(runId)
  const saved = JSON.parse(checkpoint) as Cursor
  return saved.runId === runId ? saved : { ...startCursor(runId), after: saved.after }
}

export function writeCursor(cursor: Cursor): Checkpoint {
  return JSON.stringify(cursor)
}

export interface Candidate {
  readonly row: LocalRow
  readonly item: Item | undefined
}

export interface Candidates {
  /** Rows whose time has come, with what is known of them. */
  readonly due: readonly Candidate[]
  /** The last row read, due or not; undefined when the table is at its end. */
  readonly last: LocalRow | undefined
}

interface ReadAhead {
  readonly position: string
  readonly page: Promise<Candidates>
}

/** The page that a run reads while it asks about the one before; the service would wait for the database otherwise. */
const readAheads = new WeakMap<PlanContext, ReadAhead>()

export async function readCandidates(
  context: PlanContext,
  settings: JobSettings<ReconcileConfig>,
  source: Source,
  cursor: Cursor,
): Promise<Candidates> {
  const ahead = readAheads.get(context)
  const isRead = ahead?.position === positionOf(cursor)
  const page = await (isRead ? ahead.page : readPage(context, settings, source, cursor))
  if (page.last !== undefined && asksSeveral(settings)) {
    const following = { after: positionAfter(page.last), pageRows: cursor.followingRows }
    const reading = readPage(context, settings, source, following)
    // Met, if it fails, when its page comes up.
    reading.catch(() => {})
    readAheads.set(context, { position: positionOf(following), page: reading })
  }
  return page
}

/** With a concurrency of 1 one thing is done at a time: while the call is open, nothing of ours is at the database. */
export function asksSeveral({ service }: JobSettings<ReconcileConfig>): boolean {
  return service !== undefined && service.concurrency > 1
}

export function positionAfter({ createdText, key }: LocalRow): NonNullable<Cursor['after']> {
  return { createdText, key }
}

function positionOf({ after, pageRows }: Pick<Cursor, 'after' | 'pageRows'>): string {
  return JSON.stringify([after, pageRows])
}

async function readPage(
  context: PlanContext,
  settings: JobSettings<ReconcileConfig>,
  source: Source,
  cursor: Pick<Cursor, 'after' | 'pageRows'>,
): Promise<Candidates> {
  const { options, database } = settings
  return context.read(async (session) => {
    const statement = selectCandidates(source, options, pageOf(context.asOf, settings, source, cursor))
    const rows = (await session.rows(statement)).map((row) =>
      toLocalRow(row, source, options, database.dateTimeZone),
    )
    const items = await readItems(session, context, rows)
    const due = rows
      .filter((row) => isInWindow(row, context.asOf, options))
      .map((row) => ({ row, item: itemOf(row, items.get(row.keyHash)) }))
      .filter(({ item }) => isDue(item, context.asOf))
    return { due, last: rows.length < cursor.pageRows ? undefined : rows.at(-1) }
  })
}

/**
 * The texts of the page's bounds let more through in the night a zone lives an hour twice: 01:10 of the second pass is
 * a smaller text than 01:50 of the first, and a row of a minute ago would be judged. The instants decide.
 */
function isInWindow({ createdAt }: LocalRow, asOf: string, { lookBack, grace }: ReconcileConfig): boolean {
  const age = elapsedBetween(createdAt, asOf)
  return age >= grace && age <= lookBack
}

/** The page's bounds as texts of the column, in the zone the application writes. */
export function pageOf(
  asOf: string,
  { options, database }: JobSettings<ReconcileConfig>,
  source: Source,
  cursor: Pick<Cursor, 'after' | 'pageRows'>,
): CandidatePage {
  const { createdAt } = source.columns
  return {
    oldest: toEarliestColumnTime(shiftInstant(asOf, -options.lookBack), createdAt, database.dateTimeZone),
    youngest: toColumnTime(shiftInstant(asOf, -options.grace), createdAt, database.dateTimeZone),
    after: cursor.after,
    rows: cursor.pageRows,
  }
}

/** What earlier runs noted about these rows; nothing where the control tables are missing. */
export async function readItems(
  session: ReadSession,
  { control, job }: PlanContext,
  rows: readonly LocalRow[],
): Promise<ReadonlyMap<string, Item>> {
  if (!control.isInstalled || rows.length === 0) return new Map()
  const keyHashes = rows.map((row) => row.keyHash)
  const found = await session.rows(selectItems(control.schema, { job, keyHashes, askedStates }))
  return new Map(found.map((row) => [String(row.key_hash), readItem(row)]))
}

/** Rows a person approved, wherever they are in the table; at most as many as a run may fix. */
export async function readApproved(
  context: PlanContext,
  settings: JobSettings<ReconcileConfig>,
  source: Source,
): Promise<readonly Candidate[]> {
  const { control, job } = context
  if (!control.isInstalled) return []
  const { options, database } = settings
  return context.read(async (session) => {
    const approved = await session.rows(
      selectItemsByState(control.schema, job, ['approved'], options.limits.maxFixes),
    )
    const rows: LocalRow[] = []
    for (const item of approved) {
      const [row] = await session.rows(selectRow(source, options, JSON.parse(String(item.item_key))))
      if (row !== undefined && isMapped(String(row.status), options)) {
        rows.push(toLocalRow(row, source, options, database.dateTimeZone))
      }
    }
    const items = await readItems(session, context, rows)
    // A row that the application moved since is left to its page: the approval was for what it was.
    return rows
      .map((row) => ({ row, item: itemOf(row, items.get(row.keyHash)) }))
      .filter(({ item }) => item?.state === 'approved')
  })
}

/** The application may have moved the row to a status no class has. */
export function isMapped(status: string, { statuses }: ReconcileConfig): boolean {
  return Object.values(statuses).some((raws) =>
    raws?.some((raw) => raw.toLowerCase() === status.toLowerCase()),
  )
}
