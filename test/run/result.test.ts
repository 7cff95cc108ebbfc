import { describe, expect, it } from 'vitest'
import { StoppedError, type StopReason } from '../../src/lib/abort.ts'
import { type Effect, type ExitCode, exitCodes, RowkeeperError } from '../../src/lib/errors.ts'
import { endingOf, endingOfError } from '../../src/run/result.ts'

function failure(exitCode: ExitCode, effect?: Effect): RowkeeperError {
  return new RowkeeperError({ code: 'test.failure', message: '', exitCode, ...(effect && { effect }) })
}

describe('a run that worked on every unit', () => {
  it.each([
    [
      { changed: 0, leftOver: 0 },
      { status: 'succeeded', effect: 'none', exitCode: 0 },
    ],
    [
      { changed: 5, leftOver: 0 },
      { status: 'succeeded', effect: 'complete', exitCode: 0 },
    ],
    [
      { changed: 5, leftOver: 1 },
      { status: 'partial', effect: 'partial', exitCode: 3 },
    ],
    [
      { changed: 0, leftOver: 1 },
      { status: 'partial', effect: 'none', exitCode: 3 },
    ],
  ])('with %j ends so: %j', (outcome, ending) => {
    expect(endingOf(outcome)).toEqual(ending)
  })
})

describe('a run cut short', () => {
  it.each([
    ['interrupted', 130],
    ['terminated', 143],
    ['stopped', 5],
    ['timeLimit', 124],
    ['leaseLost', 75],
  ] as const)('by %s is stopped, exit %i, with what it did so far', (reason: StopReason, exitCode) => {
    const error = new StoppedError(reason)
    expect(endingOfError(error, 0)).toEqual({ status: 'stopped', effect: 'none', exitCode })
    expect(endingOfError(error, 3)).toEqual({ status: 'stopped', effect: 'partial', exitCode })
  })

  it.each([
    [exitCodes.failed, 'failed'],
    [exitCodes.refused, 'refused'],
    [exitCodes.tryLater, 'refused'],
    [exitCodes.unknown, 'unknown'],
    [exitCodes.unavailable, 'failed'],
    [exitCodes.bug, 'failed'],
    [exitCodes.noPermission, 'failed'],
    [exitCodes.badConfiguration, 'failed'],
  ] as const)('by exit code %i before any change: %s', (exitCode, status) => {
    expect(endingOfError(failure(exitCode), 0)).toEqual({ status, effect: 'none', exitCode })
  })

  it('by a refusal after changes is a partial one: exit 4 promises that nothing was changed', () => {
    expect(endingOfError(failure(exitCodes.refused), 2)).toEqual({
      status: 'partial',
      effect: 'partial',
      exitCode: exitCodes.leftOver,
    })
  })

  it('by something to try later after changes was not refused', () => {
    expect(endingOfError(failure(exitCodes.tryLater), 2).status).not.toBe('refused')
  })

  it('by something unknown stays unknown, however much was done', () => {
    expect(endingOfError(failure(exitCodes.unknown, 'unknown'), 0).effect).toBe('unknown')
    expect(endingOfError(failure(exitCodes.unknown, 'unknown'), 9).effect).toBe('unknown')
  })

  it('keeps the effect the error knows of', () => {
    expect(endingOfError(failure(exitCodes.failed, 'partial'), 0).effect).toBe('partial')
  })
})
