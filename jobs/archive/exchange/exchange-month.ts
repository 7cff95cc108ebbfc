import { readTable } from '../../../src/db/catalog.ts'
import { exitCodes, RowkeeperError, unreachable } from '../../../src/lib/errors.ts'
import { formatCount } from '../../../src/lib/units.ts'
import { DefinitionUnknownError } from '../../../src/run/ddl-errors.ts'
import { moveMonth } from '../move/move-month.ts'
import type { ExchangeStep } from '../plan-model.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { dropSource } from './drop-source.ts'
import { type Exchange, observe, readExchange } from './exchange.ts'
import { makeHeld } from './held-table.ts'
import { findDifferences } from './obstacles.ts'
import { close, drain, letGo, prove, putIn } from './put-in.ts'
import { findStage, type Stage } from './stage.ts'
import { abandon, begin, takeOut } from './take-out.ts'

/** More than any month goes through, with a connection lost here and there. */
const TURNS = 20

/**
 * Moves a whole month by exchanging partitions: nothing is copied, and the live table is locked for milliseconds. Every
 * turn looks at the ledger and at the tables, and takes the one stage that follows from them (see stage.ts), so that
 * another run goes on wherever this one dies. A month that cannot be exchanged after all is moved in batches.
 */
export async function exchangeMonth(scene: Scene, step: ExchangeStep): Promise<void> {
  const { context } = scene
  const name = `exchanging ${step.month}`
  await scene.pace.ready()
  context.emit({ type: 'stepStarted', step: name, total: step.rows, unit: 'rows' })
  const begun = context.clock.elapsed()
  let end: Turn = { type: 'goOn' }
  for (let turn = 1; end.type === 'goOn'; turn++) {
    context.stop.throwIfAborted()
    if (turn > TURNS) throw stuck(step)
    end = await takeTurn(scene, step)
  }
  const milliseconds = Math.round(context.clock.elapsed() - begun)
  if (end.rows > 0) count(scene, step, { rows: end.rows, milliseconds })
  context.emit({ type: 'stepFinished', step: name, done: end.rows, unit: 'rows' })
}

/** How many rows were exchanged, at the end. */
type Turn = { readonly type: 'goOn' } | { readonly type: 'done'; readonly rows: number }

const goOn: Turn = { type: 'goOn' }
const nothingMore: Turn = { type: 'done', rows: 0 }

/** What became of a definition whose connection was lost is seen at the next look. */
async function takeTurn(scene: Scene, step: ExchangeStep): Promise<Turn> {
  const exchange = await readExchange(scene, step)
  const stage = findStage(await observe(exchange))
  try {
    return await takeStage(exchange, stage)
  } catch (error) {
    if (error instanceof DefinitionUnknownError) return goOn
    throw error
  }
}

async function takeStage(exchange: Exchange, stage: Stage): Promise<Turn> {
  switch (stage) {
    case 'begin':
      return beginOrLeave(exchange)
    case 'makeHeld':
      return makeHeldTable(exchange)
    case 'takeOut':
      return takeOutOrMove(exchange)
    case 'prove':
      return prove(exchange).then(() => goOn)
    case 'putIn':
      if ((await putIn(exchange)) === 'different') await drainMonth(exchange)
      return goOn
    case 'drain':
      return drainMonth(exchange)
    case 'close':
      return closeMonth(exchange)
    case 'letGo':
      return letGo(exchange).then(() => goOn)
    case 'dropSource':
      return dropSource(exchange).then(() => nothingMore)
    case 'abandon':
      return abandon(exchange, 'unproven').then(() => goOn)
    case 'inBatches':
      return moveInBatches(exchange)
    case 'inTheWay':
      warn(
        exchange,
        `the table ${exchange.held.table} is not rowkeeper's and stands in its way; rename or drop it`,
      )
      return moveInBatches(exchange)
    case 'lost':
      throw lost(exchange)
    case 'done':
      return isMissing(exchange) ? moveInBatches(exchange) : nothingMore
    default:
      return unreachable(stage)
  }
}

/** Dropped or cut anew since the plan was made: its rows lie elsewhere in the live table. */
function isMissing({ source, step }: Exchange): boolean {
  return source.partition === undefined && step.rows > 0
}

/** A month is exchanged whole or not at all; `--limit` ends none that was begun. */
async function beginOrLeave(exchange: Exchange): Promise<Turn> {
  const { scene, step, place } = exchange
  const { source, target } = scene.tables
  const isSame =
    target.table !== undefined &&
    findDifferences(source.table, target.table, place.server.family).length === 0
  if (isSame && !exceedsLimit(scene, step)) {
    await begin(exchange)
    return goOn
  }
  if (isSame) leaveOver(scene, step)
  else leaveAltered(exchange)
  return nothingMore
}

async function makeHeldTable({ place, held, source, scene }: Exchange): Promise<Turn> {
  await makeHeld(place, held, source.table)
  await scene.context.reach('archive.exchange-held-made')
  return goOn
}

async function takeOutOrMove(exchange: Exchange): Promise<Turn> {
  const taken = await takeOut(exchange)
  if (taken === 'taken') return goOn
  await abandon(exchange, 'open')
  if (await isAltered(exchange)) {
    leaveAltered(exchange)
    return nothingMore
  }
  const { table } = exchange.source
  const why =
    taken === 'strays'
      ? 'its partition also holds rows of other months'
      : `the server finds a difference that a rebuild takes away: ALTER TABLE ${table.table} FORCE`
  warn(exchange, why)
  return moveInBatches(exchange)
}

/** Batches would copy the columns that there were when the step began, and lose a new one. */
async function isAltered({ place, source, scene }: Exchange): Promise<boolean> {
  const now = await place.read((session) => readTable(session, source.table))
  return now?.hash !== scene.tables.source.table.hash
}

function leaveAltered({ scene, step, source }: Exchange): void {
  const reason = `${source.table.table} was altered meanwhile; ${step.month} waits for the next run`
  scene.tally.add(resultOf({ leftOver: step.rows, leftReasons: [reason] }))
}

/** Proven rows are counted when the month is closed. */
async function drainMonth(exchange: Exchange): Promise<Turn> {
  const { scene, step } = exchange
  const begun = scene.context.clock.elapsed()
  const { rows, isProven } = await drain(exchange)
  const milliseconds = Math.round(scene.context.clock.elapsed() - begun)
  if (!isProven) {
    count(scene, step, { rows, milliseconds })
    leaveUnproven(scene, step)
  }
  return goOn
}

async function moveInBatches({ scene, step }: Exchange): Promise<Turn> {
  const { month, rows, bytes } = step
  await moveMonth(scene, { type: 'moveMonth', month, rows, bytes })
  return nothingMore
}

/** The emptied live partition goes last. Rows that came late stay in it for the next run. */
async function closeMonth(exchange: Exchange): Promise<Turn> {
  const { scene, archive, step } = exchange
  const rows = Number(archive.ledger?.digest.rows ?? 0n)
  if ((await close(exchange)) === 'unproven') {
    leaveUnproven(scene, step)
  } else await dropSource(exchange)
  return { type: 'done', rows }
}

/** Nothing is missing, but something was there or came that nobody accounted for. */
function leaveUnproven({ tally }: Scene, { month }: ExchangeStep): void {
  const reason = `${month} is in the archive table, together with rows of unknown origin; see: rowkeeper archive verify`
  tally.add(resultOf({ leftOver: 1, leftReasons: [reason] }))
}

function count(
  { tally }: Scene,
  { month, bytes }: ExchangeStep,
  { rows, milliseconds }: { readonly rows: number; readonly milliseconds: number },
): void {
  const result = { rows, bytes, batches: 1, milliseconds, how: 'exchange' } as const
  tally.add(
    resultOf({ counts: { archived: rows, deleted: rows }, changed: rows, months: { [month]: result } }),
  )
}

function exceedsLimit({ context, tally }: Scene, { rows }: ExchangeStep): boolean {
  return context.limit !== undefined && (tally.soFar.counts.archived ?? 0) + rows > context.limit
}

function leaveOver({ context, tally }: Scene, { month, rows }: ExchangeStep): void {
  const limit = formatCount(context.limit ?? 0)
  const reason = `limit reached: no more than ${limit} rows in one run, and ${month} can only be exchanged whole`
  tally.add(resultOf({ leftOver: rows, leftReasons: [reason] }))
}

function warn({ scene, step }: Exchange, why: string): void {
  const message = `${step.month} is moved in batches instead of being exchanged: ${why}.`
  scene.context.emit({ type: 'warning', warning: { code: 'archive.notExchanged', message } })
}

function lost({ archive, held, step }: Exchange): RowkeeperError {
  const rows = formatCount(Number(archive.ledger?.digest.rows ?? 0n))
  return new RowkeeperError({
    code: 'archive.rowsMissing',
    message: `The ledger says that ${rows} rows of ${step.month} are on their way to ${archive.archive.table}, but neither its partition nor ${held.table} holds any.`,
    hint: 'Somebody may have emptied or dropped one of them. Find out before anything else is run; the month stays as it is.',
    effect: 'unknown',
    exitCode: exitCodes.unknown,
  })
}

function stuck({ month }: ExchangeStep): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.exchangeStuck',
    message: `${month} did not get through its exchange in ${TURNS} turns; every row of it is in one place.`,
    hint: 'See where it stands with: rowkeeper archive months. Then run the job again; it goes on from there.',
    effect: 'partial',
    exitCode: exitCodes.failed,
  })
}
