import type { ControlMigration } from '../db/migrate.ts'
import type { StopControl } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import type { ExitCode } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'
import type { Job } from '../run/job.ts'

/** What the composition root hands over. Everything is loaded late: `--version` must not wait for a database driver. */
export interface Shell {
  readonly process: NodeJS.Process
  readonly clock: Clock
  readonly random: Random
  readonly loadJobs: () => Promise<readonly Job[]>
  readonly loadMigrations: () => Promise<readonly ControlMigration[]>
  /** Points that tests interrupt; does nothing in the product. */
  reach(point: string): Promise<void>
}

/** Flags every command understands, after flag and environment were merged. */
export interface GlobalOptions {
  readonly config: string
  readonly format: 'text' | 'json'
  readonly progress: 'auto' | 'bar' | 'lines' | 'json' | 'none'
  readonly quiet: boolean
  readonly yes: boolean
  readonly input: boolean
  readonly color: 'auto' | 'always' | 'never'
}

/** One command being carried out. */
export interface Invocation {
  readonly shell: Shell
  readonly jobs: readonly Job[]
  readonly globals: GlobalOptions
  readonly control: StopControl
  /** By name, as declared; undefined when not given. */
  readonly arguments: Readonly<Record<string, string | undefined>>
  /** By commander's camel-case name. */
  readonly options: Readonly<Record<string, unknown>>
  /** Only a job of this kind will do. */
  readonly kind?: string
  /** Keys of the job that are another for this one command. */
  readonly overrides?: Readonly<Record<string, unknown>>
  /** Instead of the file. */
  readonly configuration?: GivenConfiguration
}

/** A configuration as text, with the environment that its references are filled from. */
export interface GivenConfiguration {
  readonly text: string
  /** As it shall appear in messages. */
  readonly name: string
  readonly environment: NodeJS.ProcessEnv
  /** Whether rowkeeper's own tables are made when they are missing, or the command ends there. */
  readonly control: 'made' | 'required'
}

export type Handler = (invocation: Invocation) => Promise<ExitCode>
