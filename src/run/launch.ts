import type { Config, JobEntry } from '../config/schema.ts'
import type { StopControl } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Emit, Warning } from './events.ts'
import type { Job, OpenJob } from './job.ts'
import type { Host } from './lease.ts'
import type { TableFiles } from './table-file.ts'

/** What surrounds every command: the process as the composition root hands it over. */
export interface Surroundings {
  readonly clock: Clock
  readonly random: Random
  readonly host: Host
  readonly control: StopControl
  readonly emit: Emit
  /** Every warning emitted so far; they end up in the result document. */
  readonly warnings: readonly Warning[]
  readonly files: TableFiles
  /** Points that tests interrupt; does nothing in the product. */
  reach(point: string): Promise<void>
}

/** One configured job, about to be planned or run. */
export interface Launch {
  readonly surroundings: Surroundings
  readonly config: Config
  readonly entry: JobEntry
  readonly job: Job
  readonly opened: OpenJob
  /** Rows looked at, at most. */
  readonly limit: number | undefined
  /** What a plan says to type next; default: `rowkeeper run <job>`. */
  readonly runCommand?: string
}
