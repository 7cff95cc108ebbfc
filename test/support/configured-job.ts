import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { controlMigrations } from '../../migrations/index.ts'
import { createHost } from '../../src/cli/host.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { createStopControl, type StopControl } from '../../src/lib/abort.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { tableFiles } from '../../src/output/table-files.ts'
import type { RunEvent, Warning } from '../../src/run/events.ts'
import type { Job, VerbInput } from '../../src/run/job.ts'
import type { Launch, Surroundings } from '../../src/run/launch.ts'
import type { SavedPlan } from '../../src/run/plan-file.ts'
import { type Ended, type EndedPlan, executeRun, planRun } from '../../src/run/runner.ts'
import { bindJob } from '../../src/run/settings.ts'
import { installState } from '../../src/run/state.ts'
import { executeVerb } from '../../src/run/verb-run.ts'
import { type CommandEnded, type StartedCommand, startCommand } from './cli.ts'
import type { TestDatabase, TestRow } from './database.ts'

type Keys = Readonly<Record<string, unknown>>

/** What a test says of the configuration; everything else is as in the defaults of its kind. */
export interface JobSettings {
  /** Keys of the job, over the defaults. */
  readonly job?: Keys
  /** Further keys of the job's own database. */
  readonly database?: Keys
  /** Further databases; each gets control tables of its own. `url` may be any. */
  readonly databases?: Readonly<Record<string, Keys>>
  /** `missing`: without control tables, as is enough for a plan, and quicker. */
  readonly control?: 'missing'
}

export interface RunOptions {
  /** Called at every point that a fault test may interrupt. */
  readonly reach?: Surroundings['reach']
  readonly clock?: Clock
  readonly control?: StopControl
  readonly emit?: (event: RunEvent) => void
  readonly limit?: number
  readonly saved?: SavedPlan
  /** Instead of the database's own URL: that of a proxy before it, or of another account. */
  readonly url?: string
  /** Stands for one host among several; default: this process on this machine. */
  readonly holder?: string
}

export interface VerbOptions extends RunOptions {
  readonly arguments?: VerbInput['arguments']
}

export interface BinaryOptions {
  readonly environment?: Readonly<Record<string, string>>
  /** Default: the built product. */
  readonly binary?: string
}

/** What a kind of job is configured as when a test says nothing else. */
export interface JobKind {
  readonly job: Job
  /** The name of the job in the configuration. */
  readonly name: string
  readonly defaults: Keys
}

/** One job over the tables that the test makes. */
export interface ConfiguredJob {
  readonly database: TestDatabase
  readonly configFile: string
  /** What the configuration reads: SHOP_URL. */
  readonly environment: Readonly<Record<string, string>>
  /** Writes the configuration anew. */
  configure(settings: JobSettings): Promise<void>
  plan(options?: RunOptions): Promise<EndedPlan>
  run(options?: RunOptions): Promise<Ended>
  /** `archive restore old-orders --month 2005-06`: verb('restore', { month: '2005-06' }), as operator@desk. */
  verb(name: string, options?: VerbInput['options'], how?: VerbOptions): Promise<Ended>
  /** The configuration is given as `ROWKEEPER_CONFIG`. A command still running at the end of the test is killed. */
  startBinary(words: readonly string[], options?: BinaryOptions): StartedCommand
  runBinary(words: readonly string[], options?: BinaryOptions): Promise<CommandEnded>
  runs(): Promise<TestRow[]>
}

/** For a database that is not the test's own: a server that the test freezes or kills. */
export async function openConfiguredJob(
  kind: JobKind,
  database: TestDatabase,
  settings: JobSettings = {},
): Promise<{ job: ConfiguredJob; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-job-'))
  const children: StartedCommand[] = []
  const job = createJob(kind, database, join(folder, 'rowkeeper.yaml'), children)
  await job.configure(settings)
  if (settings.control !== 'missing') await installControlTables(kind, job)
  const close = async () => {
    for (const child of children) child.signal('SIGKILL')
    await Promise.all(children.map((child) => child.ended))
    await rm(folder, { recursive: true, force: true })
  }
  return { job, close }
}

function createJob(
  kind: JobKind,
  database: TestDatabase,
  configFile: string,
  children: StartedCommand[],
): ConfiguredJob {
  const environment = { SHOP_URL: database.url }
  const job: ConfiguredJob = {
    database,
    configFile,
    environment,
    // JSON is YAML too.
    configure: (settings) =>
      writeFile(configFile, JSON.stringify(configuration(kind, settings)), { mode: 0o600 }),
    plan: (options = {}) => planRun(createLaunch(kind, job, options)),
    run: (options = {}) =>
      executeRun(createLaunch(kind, job, options), {
        saved: options.saved,
        from: 'checkpoint',
        takeRows: async () => {},
      }),
    verb: (verb, options = {}, how = {}) =>
      executeVerb(
        createLaunch(kind, job, how),
        { group: kind.job.kind, verb },
        { arguments: how.arguments ?? {}, options, actor: 'operator@desk' },
      ),
    startBinary(words, { environment: more = {}, binary } = {}) {
      const child = startCommand({
        words,
        environment: { ...environment, ROWKEEPER_CONFIG: configFile, ...more },
        ...(binary === undefined ? {} : { binary }),
      })
      children.push(child)
      return child
    },
    runBinary: (words, options) => job.startBinary(words, options).ended,
    runs: () => database.query('SELECT * FROM rowkeeper_run ORDER BY started_at, run_id'),
  }
  return job
}

function configuration(
  { name, defaults }: JobKind,
  { job = {}, database = {}, databases = {} }: JobSettings,
) {
  const shop = { url: `\${env:SHOP_URL}`, ...database }
  return { version: 1, databases: { shop, ...databases }, jobs: { [name]: { ...defaults, ...job } } }
}

/** As the command line does it for one configured job. */
function createLaunch(kind: JobKind, job: ConfiguredJob, options: RunOptions): Launch {
  const config = load(kind, job, options.url)
  const entry = config.jobs[kind.name]
  if (entry === undefined) throw new Error('the configuration lacks its job')
  return {
    surroundings: createSurroundings(options),
    config,
    entry,
    job: kind.job,
    opened: kind.job.open(bindJob(config, entry)),
    limit: options.limit,
  }
}

function load({ job }: JobKind, { configFile, environment }: ConfiguredJob, url?: string): Config {
  const { kind, schema } = job
  const { config } = loadConfig({
    file: configFile,
    environment: { ...environment, ...(url === undefined ? {} : { SHOP_URL: url }) },
    kinds: [{ kind, schema }],
  })
  return config
}

const STOP_GRACE_MS = 20_000

function createSurroundings(options: RunOptions): Surroundings {
  const warnings: Warning[] = []
  const { holder } = options
  return {
    clock: options.clock ?? systemClock,
    random: systemRandom,
    host: holder === undefined ? createHost(process) : { holder, mayBeAlive: () => true },
    control: options.control ?? createStopControl(systemClock, STOP_GRACE_MS),
    warnings,
    files: tableFiles,
    reach: options.reach ?? (async () => {}),
    emit(event) {
      if (event.type === 'warning') warnings.push(event.warning)
      options.emit?.(event)
    },
  }
}

async function installControlTables(kind: JobKind, job: ConfiguredJob): Promise<void> {
  for (const [name, config] of Object.entries(load(kind, job).databases)) {
    await installState({
      database: { name, config },
      surroundings: createSurroundings({}),
      migrations: controlMigrations,
    })
  }
}
