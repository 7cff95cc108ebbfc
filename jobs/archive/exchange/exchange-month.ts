import { readTable } from '../../../src/db/catalog.ts'
import { unreachable } from '../../../src/lib/errors.ts'
import { DefinitionUnknownError } from '../../../src/run/ddl-errors.ts'
import { moveMonth } from '../move/move-month.ts'
import type { ExchangeStep } from '../plan-model.ts'
import type { Scene } from '../scene.ts'
import { dropSource } from './drop-source.ts'
import { type Exchange, observe, readExchange } from './exchange.ts'
import { makeHeld } from './held-table.ts'
import { findDifferences } from './obstacles.ts'
import {
  countRows,
  leaveAltered,
  leaveToLimit,
  leaveUnproven,
  lost,
  notOurs,
  stuck,
  tellNotExchanged,
} from './outcome.ts'
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
  for (let turn = 1; ; turn++) {
    context.stop.throwIfAborted()
    if (turn > TURNS) throw stuck(step, TURNS)
    if ((await takeTurn(await readExchange(scene, step, begun))) === 'done') break
  }
  const done = scene.tally.soFar.months[step.month]?.rows ?? 0
  context.emit({ type: 'stepFinished', step: name, done, unit: 'rows' })
}

type Turn = 'goOn' | 'done'

/** What became of a definition whose connection was lost is seen at the next look. */
async function takeTurn(exchange: Exchange): Promise<Turn> {
  const stage = findStage(await observe(exchange))
  try {
    return await takeStage(exchange, stage)
  } catch (error) {
    if (error instanceof DefinitionUnknownError) return 'goOn'
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
      return prove(exchange).then(() => 'goOn')
    case 'putIn':
      return (await putIn(exchange)) === 'in' ? 'goOn' : drainMonth(exchange)
    case 'drain':
      return drainMonth(exchange)
    case 'close':
      return closeMonth(exchange)
    case 'letGo':
      return letGo(exchange).then(() => 'goOn')
    case 'dropSource':
      return dropSource(exchange).then(() => 'done')
    case 'abandon':
      return abandon(exchange, 'unproven').then(() => 'goOn')
    case 'inBatches':
      return moveInBatches(exchange)
    case 'inTheWay':
      tellNotExchanged(exchange, notOurs(exchange))
      return moveInBatches(exchange)
    case 'lost':
      throw lost(exchange)
    case 'done':
      return isMissing(exchange) ? moveInBatches(exchange) : 'done'
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
  if (!isAlike(exchange)) {
    leaveAltered(exchange)
    return 'done'
  }
  if (exceedsLimit(exchange)) {
    leaveToLimit(exchange)
    return 'done'
  }
  await begin(exchange)
  return 'goOn'
}

/** As the plan found them, and read anew since. */
function isAlike({ scene, place }: Exchange): boolean {
  const { source, target } = scene.tables
  return (
    target.table !== undefined &&
    findDifferences(source.table, target.table, place.server.family).length === 0
  )
}

function exceedsLimit({ scene, step }: Exchange): boolean {
  const { context, tally } = scene
  return context.limit !== undefined && (tally.soFar.counts.archived ?? 0) + step.rows > context.limit
}

async function makeHeldTable({ place, held, source, scene }: Exchange): Promise<Turn> {
  await makeHeld(place, held, source.table)
  await scene.context.reach('archive.exchange-held-made')
  return 'goOn'
}

async function takeOutOrMove(exchange: Exchange): Promise<Turn> {
  const taken = await takeOut(exchange)
  if (taken === 'taken') return 'goOn'
  await abandon(exchange, 'open')
  if (await isAltered(exchange)) {
    leaveAltered(exchange)
    return 'done'
  }
  const { table } = exchange.source
  const why =
    taken === 'strays'
      ? 'its partition also holds rows of other months'
      : `the server finds a difference that a rebuild takes away: ALTER TABLE ${table.table} FORCE`
  tellNotExchanged(exchange, why)
  return moveInBatches(exchange)
}

/** Batches would copy the columns that there were when the step began, and lose a new one. */
async function isAltered({ place, source, scene }: Exchange): Promise<boolean> {
  const now = await place.read((session) => readTable(session, source.table))
  return now?.hash !== scene.tables.source.table.hash
}

/** Proven rows are counted when the month is closed. */
async function drainMonth(exchange: Exchange): Promise<Turn> {
  const { rows, isProven } = await drain(exchange)
  if (isProven) return 'goOn'
  countRows(exchange, rows)
  leaveUnproven(exchange)
  return 'goOn'
}

async function moveInBatches({ scene, step }: Exchange): Promise<Turn> {
  const { month, rows, bytes } = step
  await moveMonth(scene, { type: 'moveMonth', month, rows, bytes })
  return 'done'
}

/** The emptied live partition goes last. Rows that came late stay in it for the next run. */
async function closeMonth(exchange: Exchange): Promise<Turn> {
  const ended = await close(exchange)
  countRows(exchange, Number(exchange.archive.ledger?.digest.rows ?? 0n))
  if (ended === 'proven') await dropSource(exchange)
  else leaveUnproven(exchange)
  return 'done'
}
