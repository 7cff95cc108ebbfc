import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { type Breaker, type BreakerState, createBreaker, type Verdict } from '../../src/resilience/breaker.ts'

const config = { window: 4, minimum: 2, failureRatio: 0.5, openFor: 60 }
const { signal } = new AbortController()
const pause = (milliseconds: number) => systemClock.sleep(milliseconds, signal)

function open(savedState?: string, changes: string[] = []) {
  const onChange = ({ from, to }: { from: BreakerState; to: BreakerState }) => changes.push(`${from}>${to}`)
  return createBreaker({ config, clock: systemClock, savedState, onChange })
}

function run(breaker: Breaker, verdict: Verdict) {
  return breaker.run({ work: async () => verdict, judge: (value) => value, signal })
}

async function fail(breaker: Breaker, times: number) {
  for (let index = 0; index < times; index += 1) await run(breaker, 'failure')
}

describe('createBreaker', () => {
  it('opens above the ratio, says until when, probes, and closes', async () => {
    const changes: string[] = []
    const breaker = open(undefined, changes)
    await fail(breaker, 2)
    const held = await run(breaker, 'success')
    expect(held).toMatchObject({ ran: false })
    if (!held.ran) expect(held.until.getTime() - Date.now()).toBeGreaterThan(20)
    await pause(70)
    expect(await run(breaker, 'success')).toEqual({ ran: true, value: 'success' })
    expect(changes).toEqual(['closed>open', 'open>halfOpen', 'halfOpen>closed'])
  })

  it('waits twice as long after a failed probe', async () => {
    const breaker = open()
    await fail(breaker, 2)
    await pause(70)
    await fail(breaker, 1)
    await pause(70)
    expect((await run(breaker, 'success')).ran).toBe(false)
    await pause(70)
    expect((await run(breaker, 'success')).ran).toBe(true)
  })

  it('counts neither for nor against what we aborted ourselves', async () => {
    const breaker = open()
    for (let index = 0; index < 10; index += 1) await run(breaker, 'neither')
    expect(breaker.state()).toBe('closed')
    await fail(breaker, 1)
    expect(breaker.state()).toBe('closed')
  })

  it('opens again when the probe was aborted', async () => {
    const breaker = open()
    await fail(breaker, 2)
    await pause(70)
    await run(breaker, 'neither')
    expect(breaker.state()).toBe('open')
  })

  it('lets who waits for a probe leave, and never runs its work later', async () => {
    const breaker = open()
    await fail(breaker, 2)
    await pause(70)
    let finish = () => {}
    const probe = breaker.run({
      work: () =>
        new Promise<Verdict>((resolve) => {
          finish = () => resolve('success')
        }),
      judge: (value) => value,
      signal,
    })
    const stop = new AbortController()
    let ran = false
    const work = async (): Promise<Verdict> => {
      ran = true
      return 'success'
    }
    const waiting = breaker.run({ work, judge: (value) => value, signal: stop.signal })
    stop.abort(new Error('stop'))
    await expect(waiting).rejects.toThrow('stop')
    finish()
    await probe
    await pause(5)
    expect(ran).toBe(false)
    expect(breaker.state()).toBe('closed')
  })

  it('passes on what the work throws', async () => {
    const broken = { work: () => Promise.reject(new Error('bug')), judge: (): Verdict => 'success', signal }
    await expect(open().run(broken)).rejects.toThrow('bug')
  })
})

describe('saved breakers', () => {
  it('is still open in the next process, then half open, then closed', async () => {
    const first = open()
    await fail(first, 2)
    const changes: string[] = []
    const second = open(first.save(), changes)
    expect(second.state()).toBe('open')
    expect((await run(second, 'success')).ran).toBe(false)
    await pause(70)
    expect((await run(second, 'success')).ran).toBe(true)
    expect(changes).toEqual(['open>halfOpen', 'halfOpen>closed'])
  })

  it('probes at once when the process that opened it ended long ago', async () => {
    const first = open()
    await fail(first, 2)
    const longAgo = first.save().replace(/"openedAt":\d+/, '"openedAt":1000')
    const second = open(longAgo)
    expect((await run(second, 'failure')).ran).toBe(true)
    expect(second.state()).toBe('open')
    expect((await run(second, 'success')).ran).toBe(false)
  })

  it('probes at once when saved in the middle of a probe', async () => {
    const first = open()
    await fail(first, 2)
    await pause(70)
    let text = ''
    const work = async (): Promise<Verdict> => {
      text = first.save()
      return 'success'
    }
    await first.run({ work, judge: (value) => value, signal })
    expect((await run(open(text), 'success')).ran).toBe(true)
  })

  it('does not stay shut when the wall clock was set back', async () => {
    const first = open()
    await fail(first, 2)
    const ahead = first.save().replace(/"openedAt":\d+/, `"openedAt":${Date.now() + 86_400_000}`)
    const second = open(ahead)
    await pause(70)
    expect((await run(second, 'success')).ran).toBe(true)
  })

  it('carries recent failures over, and forgets old ones', async () => {
    const first = open()
    await fail(first, 1)
    const recent = open(first.save())
    await fail(recent, 1)
    expect(recent.state()).toBe('open')
    const old = open(first.save().replace(/"savedAt":"[^"]+"/, '"savedAt":"2026-01-01T00:00:00.000Z"'))
    await fail(old, 1)
    expect(old.state()).toBe('closed')
  })

  it.each([
    '',
    'not json',
    '{}',
    'null',
    '{"savedAt":"x","policy":{"ownState":{"value":9},"breakerState":{"samples":[]}}}',
  ])('starts afresh from %j', async (text) => {
    expect(open(text).state()).toBe('closed')
  })

  it('stays open when the window was configured anew', async () => {
    const first = open()
    await fail(first, 2)
    const wider = createBreaker({
      config: { ...config, window: 20, minimum: 10 },
      clock: systemClock,
      savedState: first.save(),
      onChange: () => {},
    })
    expect(wider.state()).toBe('open')
    await pause(70)
    expect((await run(wider, 'success')).ran).toBe(true)
    await fail(wider, 3)
    expect(wider.state()).toBe('closed')
  })
})
