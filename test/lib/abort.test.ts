import { describe, expect, it } from 'vitest'
import { createDeadline, createStopControl, never, raceAbort, StoppedError } from '../../src/lib/abort.ts'
import { createHandClock } from '../support/hand-clock.ts'

function control(graceMilliseconds = 20_000) {
  const clock = createHandClock()
  return { clock, ...createStopControl(clock, graceMilliseconds) }
}

describe('asking a run to end', () => {
  it('stops first and kills after the grace time', async () => {
    const { clock, request, stop, kill } = control()
    request('terminated')
    expect([stop.aborted, kill.aborted]).toEqual([true, false])
    await clock.advance(19_999)
    expect(kill.aborted).toBe(false)
    await clock.advance(1)
    expect(kill.aborted).toBe(true)
  })

  it('twice kills at once', () => {
    const { request, kill, clock } = control()
    request('interrupted')
    request('interrupted')
    expect(kill.aborted).toBe(true)
    expect(clock.pending()).toBe(0)
  })

  it('keeps the first reason, for both signals', () => {
    const { request, force, stop, kill } = control()
    request('timeLimit')
    force('leaseLost')
    expect(stop.reason).toMatchObject({ code: 'run.timeLimit', exitCode: 124 })
    expect(kill.reason).toBe(stop.reason)
  })

  it('by force kills without a stop before it', () => {
    const { force, stop, kill } = control()
    force('leaseLost')
    expect([stop.aborted, kill.aborted]).toEqual([true, true])
    expect(kill.reason).toBeInstanceOf(StoppedError)
  })

  it('is forgotten when the run ended in time', async () => {
    const { clock, request, release, kill } = control()
    request('terminated')
    release()
    await clock.advance(60_000)
    expect(kill.aborted).toBe(false)
  })
})

describe('a wait that nothing can interrupt', () => {
  it('ends with what it waited for, or with the signal, whichever is first', async () => {
    const controller = new AbortController()
    await expect(raceAbort(Promise.resolve(7), controller.signal)).resolves.toBe(7)
    const endless = raceAbort(new Promise(() => {}), controller.signal)
    controller.abort(new Error('enough'))
    await expect(endless).rejects.toThrow('enough')
    await expect(raceAbort(Promise.resolve(7), controller.signal)).rejects.toThrow('enough')
  })

  it('passes a failure on', async () => {
    await expect(raceAbort(Promise.reject(new Error('broken')), never)).rejects.toThrow('broken')
  })

  it('leaves no unhandled rejection behind when it was given up', async () => {
    const aborted = AbortSignal.abort(new Error('enough'))
    await expect(raceAbort(Promise.reject(new Error('late')), aborted)).rejects.toThrow('enough')
  })
})

describe('a deadline', () => {
  it('aborts with its reason, made only then', async () => {
    const clock = createHandClock()
    const deadline = createDeadline(clock, 100, () => new Error(`at ${clock.elapsed()}`))
    await clock.advance(100)
    expect(deadline.signal.reason).toEqual(new Error('at 100'))
  })

  it('never aborts once released', async () => {
    const clock = createHandClock()
    const deadline = createDeadline(clock, 100, () => new Error('late'))
    deadline.release()
    await clock.advance(1000)
    expect(deadline.signal.aborted).toBe(false)
  })
})
