import type { Option } from 'commander'
import { flag } from './options.ts'
import type { Handler } from './shell.ts'

/** One command as data: program, help and documentation are made from it. */
export interface CommandSpec {
  /** Words: `state install`. */
  readonly path: string
  readonly summary: string
  /** `<job>` is required, `[job]` is not. */
  readonly arguments: readonly { readonly name: string; readonly description: string }[]
  readonly flags: readonly Option[]
  readonly examples?: readonly string[]
  readonly load: () => Promise<Handler>
}

export const jobArgument = { name: '<job>', description: 'name of a job in the configuration' }
const optionalJob = { name: '[job]', description: 'name of a job in the configuration; without it: all' }
const limit = flag('--limit <rows>', 'look at, or move, no more rows than this')
const report = flag('--report <file>', 'x.csv, x.json or x.html; with .gz or .br added: compressed')
const databaseFlag = flag('--database <name>', 'name of a database in the configuration, when it has several')

export const planFlags = [
  flag('-o, --output <file>', 'save the plan for run --plan'),
  flag('--detailed-exitcode', 'exit 2 when there is something to do'),
  limit,
  report,
]

export const runFlags = [
  flag('--dry-run', 'the same as plan'),
  flag('--plan <file>', 'execute exactly this saved plan'),
  report,
  limit,
  flag('--max-runtime <duration>', 'stop at a checkpoint after this long: 2h'),
  flag('--restart', 'begin at the first row, whatever an earlier run left'),
  flag('--once-per-slot', 'do nothing when the latest due time was already taken, here or on another host'),
]

export const commandSpecs: readonly CommandSpec[] = [
  {
    path: 'demo',
    summary: 'Everything on a disposable server: a sample shop, a pretend payment provider, all jobs',
    arguments: [],
    flags: [
      flag('--seed <number>', 'of the made-up shop').default('1'),
      flag('--rows <number>', 'payments of the shop').default('20000'),
    ],
    load: async () => (await import('./commands/demo.ts')).demo,
  },
  {
    path: 'init',
    summary: 'Write a commented rowkeeper.yaml and its JSON Schema',
    arguments: [],
    flags: [flag('--force', 'overwrite files that are there')],
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    path: 'config check',
    summary: 'Say everything that is wrong with the configuration; touches no network',
    arguments: [],
    flags: [],
    load: async () => (await import('./commands/config.ts')).checkConfig,
  },
  {
    path: 'config show',
    summary: 'Every value in force and where it came from',
    arguments: [optionalJob],
    flags: [],
    load: async () => (await import('./commands/config.ts')).showConfigValues,
  },
  {
    path: 'config schema',
    summary: 'The JSON Schema of the configuration, for editors',
    arguments: [],
    flags: [],
    load: async () => (await import('./commands/config.ts')).printSchema,
  },
  {
    path: 'doctor',
    summary: 'Look at server, account, clocks, tables and services, and say what to repair',
    arguments: [optionalJob],
    flags: [],
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    path: 'state install',
    summary: "Make or update rowkeeper's own tables",
    arguments: [],
    flags: [databaseFlag],
    load: async () => (await import('./commands/state.ts')).install,
  },
  {
    path: 'state status',
    summary: "Whether rowkeeper's own tables are there",
    arguments: [],
    flags: [databaseFlag],
    load: async () => (await import('./commands/state.ts')).status,
  },
  {
    path: 'state uninstall',
    summary: "Drop rowkeeper's own tables with everything they know; asks, or takes --confirm or --yes",
    arguments: [],
    flags: [databaseFlag, flag('--confirm <schema>', 'the name of their schema: yes, drop them')],
    load: async () => (await import('./commands/state.ts')).uninstall,
  },
  {
    path: 'plan',
    summary: 'Look up and show what a run would do; writes nothing anywhere',
    arguments: [jobArgument],
    flags: planFlags,
    examples: [
      'rowkeeper plan payments',
      'rowkeeper plan payments -o plan.json && rowkeeper run payments --plan plan.json',
    ],
    load: async () => (await import('./commands/plan.ts')).plan,
  },
  {
    path: 'run',
    summary: 'Do it',
    arguments: [jobArgument],
    flags: runFlags,
    examples: [
      'rowkeeper run payments --report payments.csv.gz',
      '*/10 * * * *  rowkeeper run payments --quiet',
    ],
    load: async () => (await import('./commands/run.ts')).run,
  },
  {
    path: 'jobs list',
    summary: 'The configured jobs with their next due time and last run',
    arguments: [],
    flags: [],
    load: async () => (await import('./commands/jobs.ts')).listJobs,
  },
  {
    path: 'runs list',
    summary: 'Runs of all hosts, newest first',
    arguments: [optionalJob],
    flags: [databaseFlag, flag('--limit <runs>', 'how many').default('20')],
    load: async () => (await import('./commands/runs.ts')).list,
  },
  {
    path: 'runs show',
    summary: 'One run with its result document',
    arguments: [{ name: '<run>', description: 'its id, or the beginning of it' }],
    flags: [databaseFlag],
    load: async () => (await import('./commands/runs.ts')).show,
  },
  {
    path: 'runs stop',
    summary: 'Ask a run on any host to stop at its next checkpoint',
    arguments: [{ name: '<run>', description: 'its id, or the beginning of it' }],
    flags: [databaseFlag],
    load: async () => (await import('./commands/runs.ts')).stop,
  },
  {
    path: 'runs prune',
    summary: 'Forget runs that ended long ago; the audit of changed rows stays',
    arguments: [],
    flags: [databaseFlag, flag('--older-than <duration>', 'age').default('90 days')],
    load: async () => (await import('./commands/runs.ts')).prune,
  },
  {
    path: 'schedule tick',
    summary: 'Run every job that is due, one after another, and end: for a crontab line',
    arguments: [],
    flags: [],
    examples: ['* * * * *  rowkeeper schedule tick --quiet'],
    load: async () => (await import('./commands/schedule.ts')).tickOnce,
  },
  {
    path: 'schedule start',
    summary: 'Stay and run jobs when they are due, until SIGTERM',
    arguments: [],
    flags: [],
    load: async () => (await import('./commands/schedule.ts')).start,
  },
  {
    path: 'schedule next',
    summary: 'The next due times of every job',
    arguments: [optionalJob],
    flags: [flag('--count <times>', 'how many of each').default('5')],
    load: async () => (await import('./commands/schedule.ts')).next,
  },
  {
    path: 'sandbox server',
    summary: 'A disposable database server on loopback, until stopped',
    arguments: [],
    flags: [flag('--family <family>', 'which server').choices(['mariadb', 'mysql']).default('mariadb')],
    load: async () => (await import('./commands/sandbox.ts')).server,
  },
  {
    path: 'sandbox provider',
    summary: 'A pretend payment provider on loopback, with faults to switch on, until stopped',
    arguments: [],
    flags: [
      flag('--port <port>', 'default: a free one'),
      flag('--latency <duration>', 'answer after this long').default('0ms'),
      flag('--token <token>', 'bearer token that callers need'),
    ],
    load: async () => (await import('./commands/sandbox.ts')).provider,
  },
]
