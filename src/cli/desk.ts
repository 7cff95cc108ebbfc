import type { LoadedConfig } from '../config/load.ts'
import type { Redactor } from '../config/redact.ts'
import { suggest } from '../config/suggest.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { createRenderer, type Renderer } from '../output/progress.ts'
import { chooseStyle, type TextStyle } from '../output/style.ts'
import { tableFiles } from '../output/table-files.ts'
import type { Warning } from '../run/events.ts'
import type { Job } from '../run/job.ts'
import type { Launch, Surroundings } from '../run/launch.ts'
import { bindJob } from '../run/settings.ts'
import { createHost } from './host.ts'
import type { Invocation } from './shell.ts'
import { usageError } from './usage-error.ts'

/** A command that works with the configuration: what it knows, and where it writes. Everything written is redacted. */
export interface Desk {
  readonly loaded: LoadedConfig
  readonly surroundings: Surroundings
  readonly style: TextStyle
  /** Standard output: the result, and nothing else. */
  print(text: string): void
  /** Standard error. */
  tell(text: string): void
  /** Ends the progress display. */
  close(): void
}

export async function openDesk(invocation: Invocation): Promise<Desk> {
  const { shell, globals, control } = invocation
  const { process, clock, random } = shell
  const loaded = await load(invocation)
  const terminal = { stream: process.stderr, environment: process.env, color: globals.color }
  const renderer = await createRenderer({ mode: globals.progress, terminal, clock })
  const warnings: Warning[] = []
  const surroundings: Surroundings = {
    clock,
    random,
    host: createHost(process),
    control,
    warnings,
    files: tableFiles,
    reach: shell.reach,
    emit: createEmit(renderer, warnings, loaded.redact, clock),
  }
  for (const warning of loaded.warnings) surroundings.emit({ type: 'warning', warning })
  return {
    loaded,
    surroundings,
    style: chooseStyle(process.stdout, process.env, globals.color),
    print: (text) => void process.stdout.write(loaded.redact(text)),
    tell: (text) => void process.stderr.write(loaded.redact(text)),
    close: renderer.close,
  }
}

async function load({ shell, globals, jobs, configuration }: Invocation): Promise<LoadedConfig> {
  const { loadConfig, parseConfig } = await import('../config/load.ts')
  const kinds = jobs.map(toKindConfig)
  if (configuration === undefined)
    return loadConfig({ file: globals.config, environment: shell.process.env, kinds })
  const { text, name: fileName, environment } = configuration
  return parseConfig({ text, fileName, environment, kinds, readSecretFile: refuseSecretFile })
}

function refuseSecretFile(): never {
  throw usageError('A secret file can only be named in a configuration file.', 'rowkeeper init')
}

function toKindConfig({ kind, schema, service }: Job) {
  return { kind, schema, ...(service === 'required' ? { service } : {}) }
}

function createEmit(
  renderer: Renderer,
  warnings: Warning[],
  redact: Redactor,
  clock: Surroundings['clock'],
): Surroundings['emit'] {
  let runId: string | undefined
  return (event) => {
    if (event.type === 'runStarted') runId = event.runId
    if (event.type === 'warning') warnings.push(redact.deep(event.warning))
    renderer.render({
      at: clock.now().toISOString(),
      ...(runId === undefined ? {} : { runId }),
      event: event.type === 'stepProgress' ? event : redact.deep(event),
    })
  }
}

/** One configured job, ready to be planned or run. Throws `config.unknownJob` (exit 64) naming the jobs there are. */
export function launchJob(
  desk: Desk,
  { jobs, kind, overrides = {} }: Pick<Invocation, 'jobs' | 'kind' | 'overrides'>,
  name: string,
  limit: number | undefined,
): Launch {
  const { config } = desk.loaded
  const configured = config.jobs[name]
  const fitting = Object.values(config.jobs).filter((one) => kind === undefined || one.kind === kind)
  const job = jobs.find((candidate) => candidate.kind === configured?.kind)
  if (configured === undefined || job === undefined || !fitting.includes(configured))
    throw unknownJob(
      name,
      fitting.map((one) => one.name),
    )
  const entry = { ...configured, input: mergeKeys(configured.input, overrides) }
  return {
    surroundings: desk.surroundings,
    config,
    entry,
    job,
    opened: job.open(bindJob(config, entry)),
    limit,
    ...(kind === undefined ? {} : { runCommand: `rowkeeper ${kind} run ${name}` }),
  }
}

/** Keys of a group are merged one by one: another `cutOver.hold` leaves its other keys as they are. */
function mergeKeys(input: unknown, overrides: Readonly<Record<string, unknown>>): unknown {
  const given: Readonly<Record<string, unknown>> = Object(input)
  const merged = Object.entries(overrides).map(([name, value]) => {
    const isGroup = typeof value === 'object' && value !== null
    return [name, isGroup ? { ...Object(given[name]), ...value } : value]
  })
  return { ...given, ...Object.fromEntries(merged) }
}

function unknownJob(name: string, known: readonly string[]): RowkeeperError {
  return new RowkeeperError({
    code: 'config.unknownJob',
    message: `There is no job ${JSON.stringify(name)}${suggest(name, known, 'configured')}`,
    hint: 'rowkeeper jobs list',
    exitCode: exitCodes.usage,
  })
}
