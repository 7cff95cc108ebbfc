import { setMaxListeners } from 'node:events'
import type { Clock } from './clock.ts'
import { type ExitCode, exitCodes, RowkeeperError } from './errors.ts'

/** Why a run was asked to end. */
export type StopReason = 'interrupted' | 'terminated' | 'stopped' | 'timeLimit' | 'leaseLost' | 'outputClosed'

const stopTexts: Record<StopReason, { text: string; exitCode: ExitCode }> = {
  interrupted: { text: 'stopped by SIGINT', exitCode: exitCodes.interrupted },
  terminated: { text: 'stopped by SIGTERM', exitCode: exitCodes.terminated },
  stopped: { text: 'stopped by an operator', exitCode: exitCodes.stopped },
  timeLimit: { text: 'stopped at the time limit', exitCode: exitCodes.timeLimit },
  leaseLost: { text: 'stopped because another run took the lease over', exitCode: exitCodes.tryLater },
  outputClosed: { text: 'stopped because the reader of the output went away', exitCode: exitCodes.failed },
}

/** The reason carried by both signals. Finding it means "asked to end", never "failed". */
export class StoppedError extends RowkeeperError {
  readonly reason: StopReason

  constructor(reason: StopReason) {
    const { text, exitCode } = stopTexts[reason]
    super({ code: `run.${reason}`, message: `The run was ${text}.`, retryable: true, exitCode })
    this.reason = reason
  }
}

/**
 * Two signals, one direction. `stop`: finish the unit in hand, take no new one.
 * `kill`: interrupt what is in flight. Kill implies stop.
 */
export interface Stopping {
  readonly stop: AbortSignal
  readonly kill: AbortSignal
}

export interface StopControl extends Stopping {
  /** First call stops and starts the grace time; a second call kills. */
  request(reason: StopReason): void
  /** Kills at once. */
  force(reason: StopReason): void
  /** Forgets the grace timer. */
  release(): void
}

/** `graceMilliseconds` after the first request the kill follows by itself. */
export function createStopControl(clock: Clock, graceMilliseconds: number): StopControl {
  const stop = new AbortController()
  const kill = new AbortController()
  // Every wait of a run listens to these two; Node takes more than ten listeners for a leak.
  setMaxListeners(0, stop.signal, kill.signal)
  let cancelGrace = () => {}
  const force = (reason: StopReason) => {
    cancelGrace()
    stop.abort(new StoppedError(reason))
    kill.abort(stop.signal.reason)
  }
  const request = (reason: StopReason) => {
    if (stop.signal.aborted) return force(reason)
    stop.abort(new StoppedError(reason))
    cancelGrace = clock.schedule(graceMilliseconds, () => force(reason))
  }
  return { stop: stop.signal, kill: kill.signal, request, force, release: () => cancelGrace() }
}

/**
 * Settles with `promise`, or rejects with the signal's reason if that comes first. The promise itself goes on:
 * for waits that nothing can interrupt (a driver call on a dead connection).
 */
export function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      promise.catch(() => {})
      return reject(signal.reason)
    }
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** A signal that aborts by itself after `milliseconds`, with `reason`. Call `release` when done. */
export function createDeadline(
  clock: Clock,
  milliseconds: number,
  reason: () => Error,
): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController()
  const release = clock.schedule(milliseconds, () => controller.abort(reason()))
  return { signal: controller.signal, release }
}

/** A signal nobody ever aborts: for the few steps shielded from stop and kill, each with its own short limit. */
export const never: AbortSignal = new AbortController().signal
