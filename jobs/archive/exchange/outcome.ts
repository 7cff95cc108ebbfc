import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { formatCount } from '../../../src/lib/units.ts'
import type { ExchangeStep } from '../plan-model.ts'
import { resultOf } from '../result-model.ts'
import type { Exchange } from './exchange.ts'

/** What a run says of a month that was exchanged, or was not. */

/** As soon as they are where they belong: what comes after may have to wait, and fail. */
export function countRows({ scene, step, begun }: Exchange, rows: number): void {
  const milliseconds = Math.round(scene.context.clock.elapsed() - begun)
  const result = { rows, bytes: step.bytes, batches: 1, milliseconds, how: 'exchange' } as const
  const counts = { archived: rows, deleted: rows }
  scene.tally.add(resultOf({ counts, changed: rows, months: { [step.month]: result } }))
}

export function leaveToLimit({ scene, step }: Exchange): void {
  const limit = formatCount(scene.context.limit ?? 0)
  const reason = `limit reached: no more than ${limit} rows in one run, and ${step.month} can only be exchanged whole`
  scene.tally.add(resultOf({ leftOver: step.rows, leftReasons: [reason] }))
}

export function leaveAltered({ scene, step, source }: Exchange): void {
  const reason = `${source.table.table} was altered meanwhile; ${step.month} waits for the next run`
  scene.tally.add(resultOf({ leftOver: step.rows, leftReasons: [reason] }))
}

/** Nothing is missing, but something was there or came that nobody accounted for. */
export function leaveUnproven({ scene, step }: Exchange): void {
  const reason = `${step.month} is in the archive table, together with rows of unknown origin; see: rowkeeper archive verify`
  scene.tally.add(resultOf({ leftOver: 1, leftReasons: [reason] }))
}

export function tellNotExchanged({ scene, step }: Exchange, why: string): void {
  const message = `${step.month} is moved in batches instead of being exchanged: ${why}.`
  scene.context.emit({ type: 'warning', warning: { code: 'archive.notExchanged', message } })
}

export function notOurs({ held }: Exchange): string {
  return `the table ${held.table} is not rowkeeper's and stands in its way; rename or drop it`
}

export function lost({ archive, held, step }: Exchange): RowkeeperError {
  const rows = formatCount(Number(archive.ledger?.digest.rows ?? 0n))
  return new RowkeeperError({
    code: 'archive.rowsMissing',
    message: `The ledger says that ${rows} rows of ${step.month} are on their way to ${archive.archive.table}, but neither its partition nor ${held.table} holds any.`,
    hint: 'Somebody may have emptied or dropped one of them. Find out before anything else is run; the month stays as it is.',
    effect: 'unknown',
    exitCode: exitCodes.unknown,
  })
}

export function stuck({ month }: ExchangeStep, turns: number): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.exchangeStuck',
    message: `${month} did not get through its exchange in ${turns} turns; every row of it is in one place.`,
    hint: 'See where it stands with: rowkeeper archive months. Then run the job again; it goes on from there.',
    effect: 'partial',
    exitCode: exitCodes.failed,
  })
}
