import { describe, expect, it } from 'vitest'
import { never } from '../../src/lib/abort.ts'
import { systemClock } from '../../src/lib/clock.ts'

describe('the clock', () => {
  it('sleeps as long as it was told', async () => {
    const begun = systemClock.elapsed()
    await systemClock.sleep(30, never)
    expect(systemClock.elapsed() - begun).toBeGreaterThanOrEqual(29)
  })

  it('wakes at once with the signal’s reason, and does not fall asleep after it', async () => {
    const controller = new AbortController()
    const sleeping = systemClock.sleep(60_000, controller.signal)
    controller.abort(new Error('wake up'))
    await expect(sleeping).rejects.toThrow('wake up')
    await expect(systemClock.sleep(60_000, controller.signal)).rejects.toThrow('wake up')
  })

  it('takes a scheduled call back', async () => {
    const calls: string[] = []
    const cancel = systemClock.schedule(1, () => calls.push('cancelled'))
    systemClock.schedule(1, () => calls.push('made'))
    cancel()
    await systemClock.sleep(20, never)
    expect(calls).toEqual(['made'])
  })
})

describe('a scheduled call', () => {
  it('keeps no process alive, a sleeper does', async () => {
    // Only timers that keep the process alive are listed.
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const cancel = systemClock.schedule(60_000, () => {})
    expect(timers()).toBe(before)
    cancel()
    const controller = new AbortController()
    const sleeping = systemClock.sleep(60_000, controller.signal).catch(() => 'woken')
    expect(timers()).toBe(before + 1)
    controller.abort()
    await expect(sleeping).resolves.toBe('woken')
    expect(timers()).toBe(before)
  })
})
