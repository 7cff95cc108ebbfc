import pLimit from 'p-limit'
import { onAbort } from './wait.ts'

export interface Bulkhead {
  /** Runs `work` when a slot is free. Rejects with the signal's reason when it aborts before that. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

/** At most `concurrency` at a time, first come, first served. Once started, the work is no longer our concern. */
export function createBulkhead(concurrency: number): Bulkhead {
  const limit = pLimit(concurrency)
  const enter = <T>(work: () => Promise<T>, signal: AbortSignal) =>
    new Promise<T>((resolve, reject) => {
      const forget = onAbort(signal, () => reject(signal.reason))
      limit(async () => {
        forget()
        if (!signal.aborted) await work().then(resolve, reject)
      })
    })
  return {
    run(work, signal) {
      if (signal.aborted) return Promise.reject(signal.reason)
      const free = limit.activeCount + limit.pendingCount < concurrency
      return free ? limit(work) : enter(work, signal)
    },
  }
}
