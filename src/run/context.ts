import type { ServerInfo } from '../db/server.ts'
import type { ReadSession, Transaction } from '../db/session.ts'
import type { Latency } from '../http/latency.ts'
import type { RemoteReader, RemoteWriter } from '../http/remote.ts'
import type { Stopping } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Emit } from './events.ts'

/** Everything a plan may use. There is no member to write with: a write in a plan does not compile. */
export interface PlanContext extends Stopping {
  readonly job: string
  readonly runId: string
  /** The server's clock when the run began, ISO text in UTC. The one "now" of every decision. */
  readonly asOf: string
  readonly server: ServerInfo
  /** Where the rowkeeper_ tables live. */
  readonly control: Control
  /** A session is held for the time of `work` only; no service is called inside. */
  read<T>(work: (session: ReadSession) => Promise<T>): Promise<T>
  readonly service: ServiceReader | undefined
  readonly clock: Clock
  readonly random: Random
  readonly emit: Emit
  /** At most so many rows are looked at in this run. */
  readonly limit: number | undefined
}

/** A plan works without control tables; what they would have told is then unknown. */
export interface Control {
  readonly schema: string
  readonly isInstalled: boolean
}

export interface ServiceReader {
  readonly name: string
  readonly reader: RemoteReader
  readonly latency: Latency
}

/** What executing adds: transactions under the lease, and the service's writing half. */
export interface ExecuteContext extends PlanContext {
  /**
   * One transaction: the ledger's marker row first, the lease's token checked, then `work`, then COMMIT. Restarts on
   * deadlock and lock wait; a lost COMMIT is resolved through the marker. `work` may run more than once.
   */
  transact<T>(label: string, work: (transaction: Transaction) => Promise<T>): Promise<T>
  readonly writer: RemoteWriter | undefined
  /** Marks a point that tests may interrupt. Does nothing in the product. */
  reach(point: string): Promise<void>
}
