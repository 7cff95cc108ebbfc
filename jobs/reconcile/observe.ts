import { exitCodes, RowkeeperError } from '../../src/lib/errors.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { JobSettings } from '../../src/run/job.ts'
import type { ReconcileConfig } from './config.ts'
import { type LookUp, lookUp, type Observation } from './remote.ts'
import type { LocalRow } from './row.ts'

export interface Observed {
  readonly row: LocalRow
  readonly observation: Observation
}

/** How this job's service is asked. Throws when the configuration names no service. */
export function createLookUp(context: PlanContext, settings: JobSettings<ReconcileConfig>): LookUp {
  if (context.service === undefined || settings.service === undefined) {
    throw new RowkeeperError({
      code: 'config.serviceMissing',
      message: `The job ${settings.job} names no service, so there is nothing to compare with.`,
      hint: `Add service: to jobs.${settings.job}, then run: rowkeeper config check`,
      exitCode: exitCodes.badConfiguration,
    })
  }
  return {
    reader: context.service.reader,
    service: settings.service,
    stopping: context,
    amountUnit: settings.options.amountUnit,
  }
}

/** Rows in hand for each call the service may have open: enough that none waits for us, few enough to stay small in memory. */
const IN_HAND_PER_CALL = 2

/**
 * Asks about every row, as many at once as the service's bulkhead lets through. No session is held here. Rows not
 * reached because the run is stopping are left out: they stay due. The order is that of `rows`.
 */
export async function observeRows(
  rows: readonly LocalRow[],
  ask: LookUp,
  onObserved: () => void,
): Promise<readonly Observed[]> {
  const looks = new Array<Observed | undefined>(rows.length)
  const queue = rows.entries()
  const work = async () => {
    for (const [index, row] of queue) {
      const observation = await lookUp(row, ask)
      if (observation !== 'notLooked') looks[index] = { row, observation }
      onObserved()
    }
  }
  const workers = Math.min(rows.length, ask.service.concurrency * IN_HAND_PER_CALL)
  await Promise.all(Array.from({ length: workers }, work))
  return looks.filter((look) => look !== undefined)
}

/** So many answers, all unreadable, are a wrong address or a wrong configuration, not so many odd payments. */
const NONSENSE_ROWS = 10

/** Throws when the answers together mean that this service cannot be worked with now. Nothing was changed then. */
export function refuseUselessAnswers(observed: readonly Observed[], service: string): void {
  const denied = observed.find(({ observation }) => observation.external === 'denied')
  if (denied !== undefined) throw credentialsRefused(service, denied.observation.text)
  if (observed.length < NONSENSE_ROWS) return
  const looks = observed.map(({ observation }) => observation)
  const heldBack = looks.find(({ isHeld }) => isHeld)
  const answers = looks.filter(({ isHeld }) => !isHeld)
  if (heldBack !== undefined && answers.every(({ httpStatus }) => httpStatus === 429)) {
    throw held(service, heldBack.text)
  }
  // What was held back after that is the consequence, not the cause.
  const first = answers[0]?.text ?? ''
  if (answers.every(({ external }) => external === 'unreadable'))
    throw nonsense(service, answers.length, first)
  if (answers.every(isUseless)) throw noAnswers(service, answers.length, first)
}

function isUseless({ external }: Observation): boolean {
  return external === 'unreadable' || external === 'temporary'
}

function credentialsRefused(service: string, observed: string): RowkeeperError {
  return new RowkeeperError({
    code: 'service.denied',
    message: `The service ${service} refused our credentials (${observed}): the token or the account is wrong, or may not read payments. No row was changed on that.`,
    hint: `Correct services.${service}.auth, then run: rowkeeper doctor`,
    exitCode: exitCodes.noPermission,
  })
}

function nonsense(service: string, rows: number, observed: string): RowkeeperError {
  return new RowkeeperError({
    code: 'service.unreadable',
    message: `None of ${rows} answers of the service ${service} could be read; the first: ${observed}. No row was changed on that.`,
    hint: `Compare services.${service}.lookup with what the service answers, then run: rowkeeper doctor`,
    exitCode: exitCodes.unavailable,
  })
}

function held(service: string, observed: string): RowkeeperError {
  return new RowkeeperError({
    code: 'service.held',
    message: `The service ${service} was not asked: ${observed}. No row was changed on that.`,
    hint: 'A later run asks again by itself. If this lasts: rowkeeper doctor',
    retryable: true,
    exitCode: exitCodes.tryLater,
  })
}

function noAnswers(service: string, rows: number, observed: string): RowkeeperError {
  return new RowkeeperError({
    code: 'service.unreachable',
    message: `The service ${service} answered none of ${rows} look-ups; the first: ${observed}. No row was changed on that.`,
    hint: 'See whether it can be reached with: rowkeeper doctor',
    retryable: true,
    exitCode: exitCodes.unavailable,
  })
}
