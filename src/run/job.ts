import type { ZodType } from 'zod'
import type { Config as Configuration, DatabaseConfig, ServiceConfig } from '../config/schema.ts'
import type { RowkeeperError } from '../lib/errors.ts'
import type { ExecuteContext, PlanContext } from './context.ts'
import type { Finding } from './events.ts'
import type { Report, ReportRow } from './report.ts'
import type { Counts } from './result.ts'

/** JSON a job stores as its resume point; only the job reads it. */
export type Checkpoint = string

/** A job's own options with what the configuration binds it to. */
export interface JobSettings<Config> {
  /** Its name in the configuration. */
  readonly job: string
  readonly options: Config
  /** The schema of the job's tables. */
  readonly schema: string
  readonly database: DatabaseConfig
  readonly service: ServiceConfig | undefined
  /** Undefined when the job stays in its own database. */
  readonly destination: Destination | undefined
}

/** Another database that the job writes to. */
export interface Destination {
  /** Its name in the configuration. */
  readonly name: string
  readonly config: DatabaseConfig
  /** The schema of the job's tables there. */
  readonly schema: string
  /** What is worked on there: `schema.table`. */
  readonly lease: string
}

/** One page of a plan. Pages keep memory bounded and let a run act on what it found before it looks further. */
export interface Page<Plan> {
  readonly plan: Plan
  /** Where the next page begins; undefined after the last one. */
  readonly next: Checkpoint | undefined
}

/** What a page, or a whole run, came to. Jobs add fields of their own. */
export interface Outcome {
  readonly counts: Counts
  /** Units that took effect. */
  readonly changed: number
  /** Units that need another run or a person. */
  readonly leftOver: number
  /** Units left over that may have taken effect all the same: a call without a clear answer. */
  readonly uncertain?: number
}

/** Where `execute` puts down every unit as it ends, so that a run cut short still knows what it did. */
export interface Tally<Result> {
  /** The whole run until now. */
  readonly soFar: Result
  add(part: Result): void
}

/**
 * A job, as its author writes it. `plan` and `execute` deal with one page; `add…` folds pages into the whole.
 * What is printed is the object that is executed.
 */
export interface JobSpec<Config, Plan, Result extends Outcome> {
  readonly kind: string
  readonly summary: string
  /** The job's own keys, a strict object. */
  readonly schema: ZodType<Config>
  /** A job that compares with a service cannot do without one. */
  readonly service: 'required' | 'none'
  /** The table worked on: its name is the lease's. */
  readonly target: (settings: JobSettings<Config>) => string
  /** The entry under databases, and the table there, that the job writes to besides its own. Naming its own is none. */
  readonly destination?: (
    options: Config,
  ) => { readonly database: string; readonly table: string } | undefined
  readonly checks: readonly Check<Config>[]
  /** Changes whenever the tables worked on do: part of a saved plan's fingerprint. */
  readonly definition: (context: PlanContext, settings: JobSettings<Config>) => Promise<string>
  /**
   * `independent`: the next page may be planned while this one is executed, so that whoever is asked while planning is
   * not kept idle. `ordered`: a page's plan rests on what the page before did, or one thing is to be done at a time.
   */
  readonly pages: (settings: JobSettings<Config>) => 'independent' | 'ordered'
  readonly plan: (
    context: PlanContext,
    settings: JobSettings<Config>,
    from: Checkpoint | undefined,
  ) => Promise<Page<Plan>>
  readonly execute: (
    context: ExecuteContext,
    settings: JobSettings<Config>,
    plan: Plan,
    tally: Tally<Result>,
  ) => Promise<void>
  /** Reads a saved plan; refuses what this version did not write. */
  readonly savedPlan: ZodType<Plan>
  readonly emptyPlan: Plan
  readonly addPlans: (first: Plan, second: Plan) => Plan
  readonly emptyResult: Result
  readonly addResults: (first: Result, second: Result) => Result
  readonly describePlan: (settings: JobSettings<Config>, plan: Plan) => PlanDescription
  readonly report: (settings: JobSettings<Config>, result: Result) => RunReport
  /** The rows of `--report`, page by page. */
  readonly rows: (plan: Plan, result: Result) => readonly ReportRow[]
  readonly verbs: readonly Verb<Config>[]
  readonly fileless?: Fileless
}

/** For a kind whose jobs also work without a configuration file: what flags say instead. */
export interface Fileless {
  /** Beside --url and --table. */
  readonly options: readonly VerbOption[]
  /** Of these options, for a job of the configuration: keys that are another for this one run. */
  readonly overrides: (options: FilelessOptions) => Readonly<Record<string, unknown>>
  /** The verb behind `plan --measure`: what a plan that writes nothing cannot know. */
  readonly measuring: string
  /** Commands that begin something, and make rowkeeper's own tables when those are missing. */
  readonly beginning: readonly string[]
  /** All keys of the job. Throws a RowkeeperError (exit 64) for what the command cannot do without. */
  readonly keys: (options: FilelessOptions, command: string) => Readonly<Record<string, unknown>>
}

export type FilelessOptions = Readonly<Record<string, string | undefined>>

export interface PlanDescription {
  readonly report: Report
  readonly hasWork: boolean
  readonly counts: Counts
  readonly detail: Readonly<Record<string, unknown>>
}

export interface RunReport {
  readonly report: Report
  readonly detail: Readonly<Record<string, unknown>>
  /** Commands to run next. */
  readonly next: readonly string[]
}

/** One yes/no question before anything is done. `scope` says when: `plan` also before a dry run. */
export interface Check<Config> {
  readonly id: string
  readonly scope: 'plan' | 'run'
  readonly look: (context: PlanContext, settings: JobSettings<Config>) => Promise<readonly Finding[]>
}

export interface VerbArgument {
  readonly name: string
  readonly description: string
}

export interface VerbOption {
  /** As commander writes it: `--note <text>`. */
  readonly flags: string
  readonly description: string
}

interface VerbBase {
  /** Command group and name: `review approve`. */
  readonly group: string
  readonly name: string
  readonly summary: string
  readonly arguments: readonly VerbArgument[]
  readonly options: readonly VerbOption[]
}

export interface VerbInput {
  readonly arguments: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string | undefined>>
  /** user@host of the person. */
  readonly actor: string
}

export interface VerbResult extends Outcome {
  readonly report: Report
  readonly detail: Readonly<Record<string, unknown>>
  readonly next: readonly string[]
  /** Why it ended badly, for a command that has something to report all the same. Decides status and exit code. */
  readonly error?: RowkeeperError
}

/** A further command of a kind. One that writes goes through the same runner: lease, ledger, stop, result document. */
export type Verb<Config> =
  | (VerbBase & {
      readonly access: 'read'
      readonly run: (
        context: PlanContext,
        settings: JobSettings<Config>,
        input: VerbInput,
      ) => Promise<VerbResult>
    })
  | (VerbBase & {
      readonly access: 'write'
      /** What the verb excludes; not always the table: a decision about one item need not wait for a run. */
      readonly lease: (settings: JobSettings<Config>) => string
      /** What `run` would do, found out by reading alone. A verb that has it takes --dry-run, and needs no lease for it. */
      readonly preview?: (
        context: PlanContext,
        settings: JobSettings<Config>,
        input: VerbInput,
      ) => Promise<VerbResult>
      readonly run: (
        context: ExecuteContext,
        settings: JobSettings<Config>,
        input: VerbInput,
      ) => Promise<VerbResult>
    })

/** A kind of job with its types closed over: a list of them needs no `any`. */
export interface Job {
  readonly kind: string
  readonly summary: string
  readonly schema: ZodType
  readonly service: 'required' | 'none'
  readonly verbs: readonly (VerbBase & {
    readonly access: 'read' | 'write'
    readonly dryForm: 'offered' | 'none'
  })[]
  readonly fileless: Fileless | undefined
  /** Binds the job to one entry of the configuration, already checked by `schema`. */
  open(binding: JobBinding): OpenJob
}

export interface JobBinding extends Omit<JobSettings<never>, 'options' | 'destination'> {
  /** The job's own keys as the configuration has them. */
  readonly input: unknown
  readonly databases: Configuration['databases']
}

/** A configured job. Plans stay inside as opaque pages: nobody can execute a plan of another job. */
export interface OpenJob {
  readonly lease: string
  readonly destination: Destination | undefined
  readonly pages: 'independent' | 'ordered'
  readonly checks: readonly {
    id: string
    scope: 'plan' | 'run'
    look(context: PlanContext): Promise<readonly Finding[]>
  }[]
  definition(context: PlanContext): Promise<string>
  plan(context: PlanContext, from: Checkpoint | undefined): Promise<PlannedPage>
  load(saved: unknown): PlannedPage
  /** The page whose plan is empty: where folding begins. */
  empty(): PlannedPage
  startResult(): RunningResult
  verb(group: string, name: string): OpenVerb | undefined
}

export interface PlannedPage {
  readonly next: Checkpoint | undefined
  add(page: PlannedPage): PlannedPage
  describe(): PlanDescription
  /** The plan as JSON, for `plan -o`. */
  readonly document: unknown
  rows(): readonly ReportRow[]
}

/** The result of a run so far; executes page after page. */
export interface RunningResult {
  execute(context: ExecuteContext, page: PlannedPage): Promise<readonly ReportRow[]>
  readonly outcome: Outcome
  report(): RunReport
}

export type OpenVerb =
  | { readonly access: 'read'; run(context: PlanContext, input: VerbInput): Promise<VerbResult> }
  | {
      readonly access: 'write'
      readonly lease: string
      readonly preview: ((context: PlanContext, input: VerbInput) => Promise<VerbResult>) | undefined
      run(context: ExecuteContext, input: VerbInput): Promise<VerbResult>
    }
