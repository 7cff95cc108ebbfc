/**
 * The only door to time. Three clocks, kept apart on purpose: `now` is the wall clock (display, schedule),
 * `elapsed` is monotonic (durations, rates, deadlines), and the server's own clock is read with SQL.
 */
export interface Clock {
  /** Wall clock. Never used to decide about a row: that is the server's clock. */
  now(): Date
  /** Milliseconds since an arbitrary start; never jumps. */
  elapsed(): number
  /** Resolves after `milliseconds`; rejects with the signal's reason as soon as it aborts. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  /** Calls back once after `milliseconds`; returns how to take it back. The timer keeps no process alive. */
  schedule(milliseconds: number, callback: () => void): () => void
}

export const systemClock: Clock = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  sleep(milliseconds, signal) {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }, milliseconds)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  },
  schedule(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds).unref()
    return () => clearTimeout(timer)
  },
}
