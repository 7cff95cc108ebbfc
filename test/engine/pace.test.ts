import { describe, expect, it } from 'vitest'
import { createPace, type Sensor } from '../../src/engine/pace.ts'
import { StoppedError } from '../../src/lib/abort.ts'
import { exitCodes, RowkeeperError } from '../../src/lib/errors.ts'
import { createHandClock } from '../support/hand-clock.ts'

interface Dial extends Sensor {
  /** What the next readings answer: a value, an error, or nothing for ever. */
  show(answer: number | Error | 'silence'): void
  readonly readings: number
}

function createDial(name: string, limit: number, first = 0): Dial {
  let answer: number | Error | 'silence' = first
  let readings = 0
  return {
    name,
    limit,
    describe: (value) => `${value} s`,
    read() {
      readings++
      if (answer === 'silence') return new Promise(() => {})
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
    show: (next) => {
      answer = next
    },
    get readings() {
      return readings
    },
  }
}

function begin(...sensors: readonly Sensor[]) {
  const clock = createHandClock()
  const stopping = new AbortController()
  const told: string[] = []
  const pace = createPace({
    sensors,
    clock,
    stop: stopping.signal,
    onThrottled: (reason) => void told.push(reason),
  })
  return { clock, stopping, told, pace }
}

/** Whether the promise has settled by the time everything ran that waits for nothing. */
async function isReady(ready: Promise<void>): Promise<boolean> {
  let settled = false
  const mark = () => {
    settled = true
  }
  ready.then(mark, mark)
  await new Promise((resolve) => setImmediate(resolve))
  return settled
}

describe('while all is well', () => {
  it('a thousand asks read every sensor once', async () => {
    const lag = createDial('replica lag', 5)
    const threads = createDial('threads running', 50)
    const { pace, told } = begin(lag, threads)
    for (let ask = 0; ask < 1000; ask++) await pace.ready()
    expect([lag.readings, threads.readings, told]).toEqual([1, 1, []])
  })

  it('sensors are read once a second, beside the work', async () => {
    const lag = createDial('replica lag', 5)
    const { pace, clock } = begin(lag)
    for (let ask = 0; ask < 100; ask++) {
      await pace.ready()
      await clock.advance(100)
    }
    expect(lag.readings).toBe(10)
    expect(pace.throttledMs).toBe(0)
  })

  it('a slow reading holds nothing up until the one before is two seconds old', async () => {
    const lag = createDial('replica lag', 5)
    const { pace, clock } = begin(lag)
    await pace.ready()
    lag.show('silence')
    await clock.advance(1500)
    expect(await isReady(pace.ready())).toBe(true)
    await clock.advance(500)
    expect(await isReady(pace.ready())).toBe(false)
  })

  it('at its limit is still well', async () => {
    const { pace } = begin(createDial('replica lag', 5, 5))
    expect(await isReady(pace.ready())).toBe(true)
  })
})

describe('above a limit', () => {
  it('work waits, with the reason, until the sensor is under it again', async () => {
    const lag = createDial('replica lag', 5, 7)
    const { pace, clock, told } = begin(lag)
    const ready = pace.ready()
    expect(await isReady(ready)).toBe(false)
    expect([pace.reason, told]).toEqual(['replica lag 7 s, limit 5 s', ['replica lag 7 s, limit 5 s']])
    lag.show(6)
    await clock.advance(2500)
    expect([await isReady(ready), pace.reason, pace.throttledMs]).toEqual([
      false,
      'replica lag 6 s, limit 5 s',
      2500,
    ])
    lag.show(1)
    await clock.advance(500)
    expect([await isReady(ready), pace.reason, pace.throttledMs]).toEqual([true, undefined, 3000])
    expect([lag.readings, told.length]).toEqual([4, 1])
  })

  it('a second sensor is told when it becomes a reason too', async () => {
    const lag = createDial('replica lag', 5, 7)
    const threads = createDial('threads running', 50)
    const { pace, clock, told } = begin(lag, threads)
    const ready = pace.ready()
    threads.show(80)
    await clock.advance(1000)
    lag.show(0)
    await clock.advance(1000)
    threads.show(0)
    await clock.advance(1000)
    expect(await isReady(ready)).toBe(true)
    expect(told).toEqual([
      'replica lag 7 s, limit 5 s',
      'replica lag 7 s, limit 5 s; threads running 80 s, limit 50 s',
      'threads running 80 s, limit 50 s',
    ])
  })

  it('found beside the work, holds back the next unit', async () => {
    const lag = createDial('replica lag', 5)
    const { pace, clock } = begin(lag)
    await pace.ready()
    lag.show(9)
    await clock.advance(1000)
    expect(await isReady(pace.ready())).toBe(true)
    expect(await isReady(pace.ready())).toBe(false)
  })

  it('workers wait together, and the wait counts once', async () => {
    const lag = createDial('replica lag', 5, 7)
    const { pace, clock, told } = begin(lag)
    const both = [pace.ready(), pace.ready()]
    await clock.advance(2000)
    lag.show(0)
    await clock.advance(1000)
    await Promise.all(both)
    expect([pace.throttledMs, told.length]).toEqual([3000, 1])
  })

  it('stop ends the wait at once and leaves no timer', async () => {
    const { pace, clock, stopping } = begin(createDial('replica lag', 5, 7))
    const ready = pace.ready()
    await clock.advance(1200)
    stopping.abort(new StoppedError('stopped'))
    await expect(ready).rejects.toMatchObject({ code: 'run.stopped' })
    expect([pace.throttledMs, pace.reason, clock.pending()]).toEqual([1200, undefined, 0])
    await expect(pace.ready()).rejects.toMatchObject({ code: 'run.stopped' })
  })
})

describe('a sensor that cannot be read', () => {
  const broken = new RowkeeperError({
    code: 'load.unreadable',
    message: 'The replica lag could not be read: replication does not run.',
    hint: 'Start it on the replica: START REPLICA',
    exitCode: exitCodes.tryLater,
  })

  it('stops the work until it can be read again', async () => {
    const lag = createDial('replica lag', 5)
    lag.show(broken)
    const { pace, clock, told } = begin(lag)
    const ready = pace.ready()
    await clock.advance(59_500)
    expect(await isReady(ready)).toBe(false)
    expect(told).toEqual(['replica lag: The replica lag could not be read: replication does not run.'])
    lag.show(0)
    await clock.advance(500)
    expect(await isReady(ready)).toBe(true)
  })

  it('ends the run after a minute, with its own reason and advice', async () => {
    const lag = createDial('replica lag', 5)
    lag.show(broken)
    const { pace, clock } = begin(lag, createDial('threads running', 50))
    const ready = expect(pace.ready()).rejects.toMatchObject({
      code: 'throttle.unreadable',
      exitCode: 75,
      retryable: true,
      hint: 'Start it on the replica: START REPLICA',
      message: expect.stringMatching(/replica lag.* 1 min: .*replication does not run/),
    })
    await clock.advance(61_000)
    await ready
  })

  it('has a minute of its own after every reading', async () => {
    const lag = createDial('replica lag', 5)
    lag.show(broken)
    const { pace, clock } = begin(lag)
    const ready = pace.ready()
    await clock.advance(40_000)
    lag.show(9)
    await clock.advance(1000)
    lag.show(broken)
    await clock.advance(40_000)
    expect(await isReady(ready)).toBe(false)
    lag.show(0)
    await clock.advance(1000)
    await ready
  })

  it('is one that does not answer, and is not asked again meanwhile', async () => {
    const lag = createDial('replica lag', 5)
    lag.show('silence')
    const { pace, clock, told } = begin(lag)
    const ready = expect(pace.ready()).rejects.toMatchObject({ code: 'throttle.unreadable' })
    await clock.advance(70_000)
    await ready
    expect([told, lag.readings]).toEqual([['replica lag: no answer within 5.0 s'], 1])
  })

  it('is one whose answer is no number', async () => {
    const { pace, told } = begin(createDial('threads running', 50, Number.NaN))
    expect(await isReady(pace.ready())).toBe(false)
    expect(told).toEqual(['threads running: the answer is no number'])
  })
})
