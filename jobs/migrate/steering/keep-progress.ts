import type { Scene } from '../scene.ts'

const EVERY_MS = 1000

/**
 * Writes down how far the migration is while `work` goes on, also while it waits: who looks at its status shall see what it
 * waits for. A save that fails is not told: what is wrong shows in the work itself.
 */
export async function keepingProgress<T>(scene: Scene, work: () => Promise<T>): Promise<T> {
  const over = new AbortController()
  const keeping = keep(scene, over.signal).catch(() => {})
  try {
    return await work()
  } finally {
    over.abort()
    await keeping
  }
}

async function keep({ context, progress, pace }: Scene, over: AbortSignal): Promise<void> {
  for (;;) {
    await context.clock.sleep(EVERY_MS, over)
    progress.note({ waitsFor: pace.reason, throttledMs: pace.throttledMs })
    await progress.save()
  }
}
