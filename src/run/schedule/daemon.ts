import { CronJob } from 'cron'
import type { StopControl } from '../../lib/abort.ts'
import type { ScheduledJob, TickResult } from './tick.ts'

export interface DaemonOptions {
  readonly jobs: readonly ScheduledJob[]
  readonly control: Pick<StopControl, 'stop'>
  /** One pass over all jobs. */
  readonly tick: () => Promise<TickResult>
  /** Told after every pass, also when nothing was due. */
  readonly onTick: (result: TickResult) => void
}

/**
 * Ticks at once, then at every wake-up, until the stop signal; the pass in hand is finished first. Rejects only for
 * what a tick does not survive, so that whoever supervises the process sees it.
 *
 * cron's timer is no more than an alarm clock: it drops what comes late, knows no other host, and forgets everything at
 * a restart. What is due is decided by the slots.
 */
export async function runDaemon({ jobs, control, tick, onTick }: DaemonOptions): Promise<void> {
  if (control.stop.aborted) return
  await new Promise<void>((resolve, reject) => {
    let ticking: Promise<void> | undefined
    const end = (settle: () => void) => {
      void alarm.stop()
      control.stop.removeEventListener('abort', onStop)
      settle()
    }
    const onStop = () => {
      if (ticking === undefined) end(resolve)
    }
    const wake = () => {
      // A pass that takes longer than the pause is not overtaken; what it missed is due at the next one.
      if (ticking !== undefined || control.stop.aborted) return
      ticking = tick().then(onTick)
      ticking.then(
        () => {
          ticking = undefined
          if (control.stop.aborted) end(resolve)
        },
        (error) => end(() => reject(error)),
      )
    }
    const alarm = CronJob.from({
      cronTime: wakeUps(jobs),
      onTick: wake,
      timeZone: 'UTC',
      threshold: PATIENCE_MS,
    })
    control.stop.addEventListener('abort', onStop, { once: true })
    alarm.start()
    wake()
  })
}

/** A wake-up later than this would be dropped, with a line on stderr. */
const PATIENCE_MS = 60_000

/** Every ten seconds; every second when a schedule counts seconds. A tick without due slots costs about 5 ms per job. */
function wakeUps(jobs: readonly ScheduledJob[]): string {
  const countsSeconds = jobs.some(({ schedule }) => schedule.cron.trim().split(/\s+/).length === 6)
  return countsSeconds ? '* * * * * *' : '*/10 * * * * *'
}
