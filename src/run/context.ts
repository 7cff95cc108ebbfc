import type { ServerInfo } from '../db/server.ts'
import type { ReadSession, Transaction, WriteSession } from '../db/session.ts'
import type { TableName } from '../db/statement.ts'
import type { Latency } from '../http/latency.ts'
import type { RemoteReader, RemoteWriter } from '../http/remote.ts'
import type { Stopping } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Emit } from './events.ts'
import type { TableFiles } from './table-file.ts'

/** Everything a plan may use. There is no member to write with: a write in a plan does not compile. */
export interface PlanContext extends Stopping {
  readonly job: string
  readonly runId: string
  /** The server's clock when the run began, ISO text in UTC. The one "now" of every decision. */
  readonly asOf: string
  readonly server: ServerInfo
  /** Where the rowkeeper_ tables live. */
  readonly control: Control
  readonly read: Read
  /** Of `databases.<name>.replica`, connected at the first use: for reads that tolerate lag. Undefined without one. */
  readonly readReplica: Read | undefined
  /** The second database of a job that has one. */
  readonly destination: PlanDestination | undefined
  readonly service: ServiceReader | undefined
  readonly clock: Clock
  readonly random: Random
  readonly emit: Emit
  /** At most so many rows are looked at in this run. */
  readonly limit: number | undefined
}

/** A session is held for the time of `work` only; no service is called inside. */
export type Read = <T>(work: (session: ReadSession) => Promise<T>) => Promise<T>

/** Another database of the configuration that the job writes to. Its name and schema are in the job's settings. */
export interface PlanDestination {
  readonly server: ServerInfo
  readonly control: Control
  readonly read: Read
}

/** A plan works without control tables; what they would have told is then unknown. */
export interface Control {
  readonly schema: string
  readonly isInstalled: boolean
  readonly missingTables: readonly string[]
  /** What makes them, or brings them up to date. */
  readonly installCommand: string
}

export interface ServiceReader {
  readonly name: string
  readonly reader: RemoteReader
  readonly latency: Latency
}

/** How a run changes one database: nothing else reaches a session that can write. */
export interface Writing {
  /**
   * One transaction: the ledger's marker row first, the lease's token checked, then `work`, then COMMIT. Restarts on
   * deadlock and lock wait; a lost COMMIT is resolved through the marker. `work` may run more than once.
   */
  transact<T>(label: string, work: (transaction: Transaction) => Promise<T>): Promise<T>
  /**
   * Definitions (CREATE, ALTER, DROP, LOCK TABLES …), which commit by themselves: on one session whose connection is
   * written into the lease before, so that whoever takes the lease over ends it first. Waits for a table lock at most
   * five seconds at a time, since everybody else queues behind the waiter, and tries again after a pause. `work` may
   * run more than once, from its beginning; locks it leaves are unlocked. No statement timeout, but kill interrupts it.
   *
   * Throws `lock.notHad` (exit 75) when patience is over, naming who holds the tables; DefinitionUnknownError when the
   * connection was lost: it is ended by then, so what the catalogue says stays true.
   */
  define<T>(label: string, work: (session: WriteSession) => Promise<T>, options?: DefineOptions): Promise<T>
}

export interface DefineOptions {
  /** Default: two minutes. */
  readonly patienceMs?: number
  /** The tables that are locked, to find out who holds them; without it the oldest open transactions are named. */
  readonly tables?: readonly TableName[]
}

export interface ExecuteDestination extends PlanDestination, Writing {}

/** What executing adds: transactions under the lease, and the service's writing half. */
export interface ExecuteContext extends PlanContext, Writing {
  readonly destination: ExecuteDestination | undefined
  readonly writer: RemoteWriter | undefined
  /** Files of rows, on the machine of this process. */
  readonly files: TableFiles
  /** Marks a point that tests may interrupt. Does nothing in the product. */
  reach(point: string): Promise<void>
}
