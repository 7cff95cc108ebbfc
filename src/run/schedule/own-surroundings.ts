import { createStopControl, type StopControl, StoppedError, type StopReason } from '../../lib/abort.ts'
import type { Warning } from '../events.ts'
import type { Surroundings } from '../launch.ts'

/** From the stop of one run to its kill, when an operator stops that run and not the whole process. */
const GRACE_MS = 20_000

/**
 * The surroundings of one run among several in a process. A stop of the process reaches the run; a stop of the run (by
 * an operator, or because its lease was lost) ends neither the pass nor the daemon. Its warnings are its own.
 */
export function createOwnSurroundings(shared: Surroundings): {
  readonly surroundings: Surroundings
  readonly release: () => void
} {
  const control = createStopControl(shared.clock, GRACE_MS)
  const warnings: Warning[] = []
  const unlink = linkStops(shared.control, control)
  return {
    surroundings: {
      ...shared,
      control,
      warnings,
      emit(event) {
        const before = shared.warnings.length
        shared.emit(event)
        // As the process keeps them: with secrets masked.
        warnings.push(...shared.warnings.slice(before))
      },
    },
    release() {
      unlink()
      control.release()
    },
  }
}

function linkStops(from: StopControl, to: StopControl): () => void {
  const onStop = () => {
    // A run that is stopping already has its grace; a second request would kill it.
    if (!to.stop.aborted) to.request(reasonOf(from.stop))
  }
  const onKill = () => to.force(reasonOf(from.kill))
  if (from.stop.aborted) onStop()
  if (from.kill.aborted) onKill()
  from.stop.addEventListener('abort', onStop, { once: true })
  from.kill.addEventListener('abort', onKill, { once: true })
  return () => {
    from.stop.removeEventListener('abort', onStop)
    from.kill.removeEventListener('abort', onKill)
  }
}

function reasonOf(signal: AbortSignal): StopReason {
  return signal.reason instanceof StoppedError ? signal.reason.reason : 'terminated'
}
