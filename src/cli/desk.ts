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
  const { shell, globals, jobs, control } = invocation
  const { process, clock, random } = shell
  const { loadConfig } = await import('../config/load.ts')
  const loaded = loadConfig({ file: globals.config, environment: process.env, kinds: jobs.map(toKindConfig) })
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
export function launchJob(desk: Desk, jobs: readonly Job[], name: string, limit: number | undefined): Launch {
  const { config } = desk.loaded
  const entry = config.jobs[name]
  const job = jobs.find((candidate) => candidate.kind === entry?.kind)
  if (entry === undefined || job === undefined) throw unknownJob(name, Object.keys(config.jobs))
  return {
    surroundings: desk.surroundings,
    config,
    entry,
    job,
    opened: job.open(bindJob(config, entry)),
    limit,
  }
}

function unknownJob(name: string, known: readonly string[]): RowkeeperError {
  return new RowkeeperError({
    code: 'config.unknownJob',
    message: `There is no job ${JSON.stringify(name)}${suggest(name, known, 'configured')}`,
    hint: 'rowkeeper jobs list',
    exitCode: exitCodes.usage,
  })
}
