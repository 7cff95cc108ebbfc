import type { StopControl } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { LEASE_SECONDS, type Lease } from './lease.ts'
import type { Counts } from './result.ts'
import { heartbeatRun, renewLease, selectOpenRequests, takeRequest } from './sql.ts'

const BEAT_MS = 2000
/** After a beat that failed: our own open transaction shares the lease's row, so a renewal has to slip in between two. */
const RETRY_MS = 200
const RENEW_MS = 10_000
/** Stops before another run could take the lease: the rest is for the unit in hand. */
const GIVE_UP_MS = (LEASE_SECONDS * 1000 * 2) / 3

export interface HeartbeatOptions {
  /** Of the run's own database, where it is written down and asked to stop, and of its second one. */
  readonly leases: readonly [home: Lease, ...away: Lease[]]
  readonly clock: Clock
  readonly control: StopControl
  readonly counts: () => Counts
}

export interface Heartbeat {
  /** Ends after the beat in hand. */
  stop(): Promise<void>
}

/** Renews the leases, shows the counts, and hears requests of operators, beside the work. */
export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const ended = new AbortController()
  const beating = beat(options, ended.signal).catch(() => {})
  return {
    async stop() {
      ended.abort()
      // The timer goes with the wait: left behind, it kept every process alive for two seconds after its result.
      const patience = new AbortController()
      const waited = options.clock.sleep(BEAT_MS, patience.signal).catch(() => {})
      await Promise.race([beating, waited])
      patience.abort()
    },
  }
}

async function beat(options: HeartbeatOptions, ended: AbortSignal): Promise<void> {
  const { clock, control } = options
  let renewedAt = clock.elapsed()
  let pause = BEAT_MS
  while (!ended.aborted) {
    await clock.sleep(pause, ended)
    try {
      if (clock.elapsed() - renewedAt >= RENEW_MS) {
        if (!(await renew(options))) return control.force('leaseLost')
        renewedAt = clock.elapsed()
      }
      await hearRequests(options)
      pause = BEAT_MS
    } catch {
      pause = RETRY_MS
      // One lost beat is no loss of the lease; being unable to renew for two thirds of its life is.
      if (clock.elapsed() - renewedAt > GIVE_UP_MS) return control.force('leaseLost')
    }
  }
}

async function renew({ leases, counts }: HeartbeatOptions): Promise<boolean> {
  for (const { ledger, schema, row } of leases) {
    const { affectedRows } = await ledger.use((session) =>
      session.change(renewLease(schema, row, LEASE_SECONDS)),
    )
    if (affectedRows !== 1) return false
  }
  const [{ ledger, schema, row }] = leases
  await ledger.use((session) => session.change(heartbeatRun(schema, row.runId, JSON.stringify(counts()))))
  return true
}

async function hearRequests({ leases: [home], control }: HeartbeatOptions): Promise<void> {
  const { ledger, schema, row } = home
  await ledger.use(async (session) => {
    for (const request of await session.rows(selectOpenRequests(schema, row.runId))) {
      await session.change(takeRequest(schema, request.id ?? null))
      if (request.verb === 'stop') control.request('stopped')
    }
  })
}
