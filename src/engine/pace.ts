import { createDeadline, raceAbort } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { formatDuration } from '../lib/units.ts'

/** One number that tells how much a server can take. */
export interface Sensor {
  /** `replica lag`. */
  readonly name: string
  /** The work waits while the value is above. */
  readonly limit: number
  readonly describe: (value: number) => string
  read(): Promise<number>
}

export interface PaceOptions {
  readonly sensors: readonly Sensor[]
  readonly clock: Clock
  /** Ends every wait: `ready` then rejects with its reason. */
  readonly stop: AbortSignal
  /** Told when a wait begins, and when other sensors become the reason: `replica lag 7.2 s, limit 5.0 s`. */
  readonly onThrottled: (reason: string) => void
}

/** To be asked before every unit of work, with no transaction open and no session held: the wait may be long. */
export interface Pace {
  /**
   * Returns at once while all is well; otherwise waits until it is, or stop aborts.
   *
   * @throws RowkeeperError `throttle.unreadable` when a sensor could not be read for 60 s
   */
  ready(): Promise<void>
  /** Milliseconds waited until now, in all. */
  readonly throttledMs: number
  /** What it waits for; undefined while it does not. */
  readonly reason: string | undefined
}

/** Milliseconds. */
const SAMPLE_EVERY = 1000
/** Work goes on beside a sample that is being taken as long as the one before is no older. */
const FRESH = 2 * SAMPLE_EVERY
/** Longer than this, the wait would have no reason to show. */
const SENSOR_PATIENCE = 5000
const UNREADABLE_PATIENCE = 60_000

/** Holds work back while a sensor is above its limit or cannot be read. */
export function createPace({ sensors, clock, stop, onThrottled }: PaceOptions): Pace {
  const sampler = createSampler(sensors, clock)
  let waitedMs = 0
  let wait: { readonly since: number; readonly over: Promise<void> } | undefined
  let reason: string | undefined

  const waitBehind = async (first: readonly Obstacle[]): Promise<void> => {
    let told: string | undefined
    for (let obstacles = first; obstacles.length > 0; obstacles = await raceAbort(sampler.take(), stop)) {
      refuseUnreadable(obstacles)
      reason = obstacles.map(({ text }) => text).join('; ')
      const names = obstacles.map(({ sensor }) => sensor.name).join()
      if (names !== told) onThrottled(reason)
      told = names
      await clock.sleep(SAMPLE_EVERY, stop)
    }
  }
  const beginWait = (obstacles: readonly Obstacle[]) => {
    const since = clock.elapsed()
    const over = waitBehind(obstacles).finally(() => {
      waitedMs += clock.elapsed() - since
      wait = undefined
      reason = undefined
    })
    return { since, over }
  }
  return {
    async ready() {
      stop.throwIfAborted()
      const obstacles = await raceAbort(sampler.look(), stop)
      if (obstacles.length === 0) return
      // Workers side by side wait together.
      wait ??= beginWait(obstacles)
      await wait.over
    },
    get throttledMs() {
      return waitedMs + (wait === undefined ? 0 : clock.elapsed() - wait.since)
    },
    get reason() {
      return reason
    },
  }
}

/** Why work has to wait, as one sensor has it. */
interface Obstacle {
  readonly sensor: Sensor
  readonly text: string
  /** Set when it could not be read: since when, and the last error. */
  readonly unreadable: { readonly forMs: number; readonly cause: unknown } | undefined
}

interface Sampler {
  /** What the last sample found; takes one when that is no longer fresh. */
  look(): Promise<readonly Obstacle[]>
  take(): Promise<readonly Obstacle[]>
}

function createSampler(sensors: readonly Sensor[], clock: Clock): Sampler {
  const probes = sensors.map((sensor) => createProbe(sensor, clock))
  let last: { readonly at: number; readonly obstacles: readonly Obstacle[] } | undefined
  let taking: Promise<readonly Obstacle[]> | undefined

  const sample = async () => {
    const at = clock.elapsed()
    const found = await Promise.all(probes.map((probe) => probe()))
    const obstacles = found.filter((obstacle) => obstacle !== undefined)
    last = { at, obstacles }
    taking = undefined
    return obstacles
  }
  const take = () => {
    taking ??= sample()
    return taking
  }
  const look = async () => {
    const age = last === undefined ? Number.POSITIVE_INFINITY : clock.elapsed() - last.at
    if (last === undefined || age >= FRESH) return take()
    if (age >= SAMPLE_EVERY) void take()
    return last.obstacles
  }
  return { look, take }
}

/** Never rejects. A reading that takes too long is not begun again: it holds a session. */
function createProbe(sensor: Sensor, clock: Clock): () => Promise<Obstacle | undefined> {
  let reading: Promise<number> | undefined
  let unreadableSince: number | undefined
  return async () => {
    try {
      reading ??= sensor.read().finally(() => {
        reading = undefined
      })
      const value = await readInTime(reading, clock)
      unreadableSince = undefined
      return value > sensor.limit ? tooHigh(sensor, value) : undefined
    } catch (cause) {
      unreadableSince ??= clock.elapsed()
      const text = `${sensor.name}: ${messageOf(cause)}`
      return { sensor, text, unreadable: { forMs: clock.elapsed() - unreadableSince, cause } }
    }
  }
}

async function readInTime(reading: Promise<number>, clock: Clock): Promise<number> {
  const late = () => new Error(`no answer within ${formatDuration(SENSOR_PATIENCE)}`)
  const deadline = createDeadline(clock, SENSOR_PATIENCE, late)
  try {
    const value = await raceAbort(reading, deadline.signal)
    if (Number.isNaN(value)) throw new Error('the answer is no number')
    return value
  } finally {
    deadline.release()
  }
}

function tooHigh(sensor: Sensor, value: number): Obstacle {
  const { name, limit, describe } = sensor
  return { sensor, text: `${name} ${describe(value)}, limit ${describe(limit)}`, unreadable: undefined }
}

function refuseUnreadable(obstacles: readonly Obstacle[]): void {
  const given = obstacles.find(({ unreadable }) => (unreadable?.forMs ?? 0) >= UNREADABLE_PATIENCE)
  if (given?.unreadable === undefined) return
  const { cause } = given.unreadable
  throw new RowkeeperError({
    code: 'throttle.unreadable',
    message: `The run waits for ${given.sensor.name}, of which nothing could be learned for ${formatDuration(UNREADABLE_PATIENCE)}: ${messageOf(cause)}`,
    hint:
      (cause instanceof RowkeeperError ? cause.hint : undefined) ??
      'See what the server says with: rowkeeper doctor',
    retryable: true,
    exitCode: exitCodes.tryLater,
    cause,
  })
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
