import type { Scene } from '../scene.ts'

const PAUSE_MS = 1000

/** Copying and checking rest until an operator lets them go on; an operator's cancel ends it. */
export async function waitWhilePaused({ context, steering }: Scene): Promise<void> {
  while ((await steering.heed()) === 'pause') await context.clock.sleep(PAUSE_MS, context.stop)
}
