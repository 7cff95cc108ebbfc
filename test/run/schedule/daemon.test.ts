import { describe, expect, it } from 'vitest'
import { createStopControl, never } from '../../../src/lib/abort.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { runDaemon } from '../../../src/run/schedule/daemon.ts'
import type { TickResult } from '../../../src/run/schedule/tick.ts'

const jobs = [{ name: 'one', schedule: { cron: '* * * * * *', timeZone: 'UTC' } }]
const quiet: TickResult = { schemaVersion: 1, exitCode: 0, jobs: [] }

describe('runDaemon', () => {
  it('ticks at once and at every wake-up, and ends when it is asked to while idle', async () => {
    const control = createStopControl(systemClock, 1000)
    let ticks = 0
    const running = runDaemon({ jobs, control, tick: async () => quiet, onTick: () => (ticks += 1) })
    await systemClock.sleep(2200, never)
    expect(ticks).toBeGreaterThanOrEqual(3)
    control.request('terminated')
    control.release()
    await running
    const after = ticks
    await systemClock.sleep(1200, never)
    expect(ticks).toBe(after)
  })

  it('never ticks twice at once, and finishes the pass in hand before it ends', async () => {
    const control = createStopControl(systemClock, 60_000)
    const passes = { begun: 0, ended: 0 }
    const tick = async () => {
      passes.begun += 1
      await systemClock.sleep(2500, never)
      passes.ended += 1
      return quiet
    }
    const running = runDaemon({ jobs, control, tick, onTick: () => {} })
    await systemClock.sleep(2100, never)
    expect(passes).toEqual({ begun: 1, ended: 0 })
    control.request('terminated')
    await running
    control.release()
    expect(passes).toEqual({ begun: 1, ended: 1 })
  })

  it('ends with the error of a tick that could not go on', async () => {
    const control = createStopControl(systemClock, 1000)
    const tick = () => Promise.reject(new Error('a bug'))
    await expect(runDaemon({ jobs, control, tick, onTick: () => {} })).rejects.toThrow('a bug')
  })

  it('does not begin after a stop', async () => {
    const control = createStopControl(systemClock, 1000)
    control.request('interrupted')
    control.release()
    await runDaemon({ jobs, control, tick: () => Promise.reject(new Error('ticked')), onTick: () => {} })
  })
})
