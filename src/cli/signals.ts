import type { StopControl, StopReason } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { exitCodes } from '../lib/errors.ts'

/** After a kill the process ends within this time, whatever still hangs. */
const HARD_EXIT_MS = 1700

const signals: readonly [NodeJS.Signals, StopReason][] = [
  ['SIGINT', 'interrupted'],
  ['SIGTERM', 'terminated'],
  ['SIGHUP', 'terminated'],
]

/**
 * The only place that knows the process's signals: the first asks the run to stop, the second kills, and when even
 * that does not end it (a server that hangs), the process ends itself.
 */
export function listenToSignals(process: NodeJS.Process, control: StopControl, clock: Clock): () => void {
  const listeners = signals.map(([signal, reason]) => {
    const listener = () => control.request(reason)
    process.on(signal, listener)
    return () => process.removeListener(signal, listener)
  })
  const onClosedOutput = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    // Every further write fails too; a second request would count as a second Ctrl-C.
    if (!control.stop.aborted) control.request('outputClosed')
  }
  process.stdout.on('error', onClosedOutput)
  process.stderr.on('error', () => {})
  control.stop.addEventListener('abort', () => {
    if (!control.kill.aborted)
      process.stderr.write(
        'stopping: the unit in hand is finished first; press Ctrl-C again to interrupt it\n',
      )
  })
  control.kill.addEventListener('abort', () => {
    clock.schedule(HARD_EXIT_MS, () => {
      process.stderr.write(
        'error: something hangs and could not be interrupted; the run shows as lost until its lease runs out\nnext: rowkeeper runs list\n',
      )
      process.exit(control.stop.reason?.exitCode ?? exitCodes.failed)
    })
  })
  return () => {
    for (const remove of listeners) remove()
    process.stdout.removeListener('error', onClosedOutput)
    // A last write fails only after we are done here; unheard, its EPIPE would end the process with a stack trace.
    process.stdout.on('error', () => {})
  }
}
