import { Command, CommanderError, type Option } from 'commander'
import type { StopControl } from '../lib/abort.ts'
import { type ExitCode, exitCodes, exitMeanings } from '../lib/errors.ts'
import { version } from '../lib/version.ts'
import type { Job } from '../run/job.ts'
import { type CommandSpec, commandSpecs } from './commands.ts'
import { globalFlags } from './options.ts'
import type { GlobalOptions, Shell } from './shell.ts'
import { verbCommands } from './verb-commands.ts'

/** Parses the words, loads the one command they name, and carries it out. */
export async function runCommandLine(
  shell: Shell,
  control: StopControl,
  words: readonly string[],
): Promise<ExitCode> {
  const jobs = await shell.loadJobs()
  let exitCode: ExitCode = exitCodes.done
  const program = createProgram(jobs, async (spec, command) => {
    const handler = await spec.load()
    exitCode = await handler({
      shell,
      jobs,
      control,
      globals: readGlobals(command),
      arguments: namedArguments(spec, command),
      options: command.opts(),
    })
  })
  writeTo(program, shell)
  try {
    await program.parseAsync([...words], { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return readCommanderExit(error)
    throw error
  }
}

function exitCodeLines(): string[] {
  return Object.entries(exitMeanings).map(
    ([name, meaning]) => `  ${String(exitCodes[name as keyof typeof exitCodes]).padStart(3)}  ${meaning}`,
  )
}

type Act = (spec: CommandSpec, command: Command) => Promise<void>

/** The whole command line, without carrying anything out: also the source of the generated documentation. */
export function createProgram(jobs: readonly Job[], act: Act): Command {
  const program = new Command('rowkeeper')
    .description('Keeps the rows of a live MySQL or MariaDB database right, small, counted and reshaped.')
    .version(version, '-V, --version')
    .helpOption('-h, --help', 'what this command does and takes')
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
  for (const option of globalFlags) program.addOption(option)
  for (const spec of [...commandSpecs, ...verbCommands(jobs)]) addCommand(program, spec, act)
  program.addHelpText('after', `\nExit codes:\n${exitCodeLines().join('\n')}`)
  program.addHelpText(
    'after',
    '\nStart here:\n  rowkeeper demo     watch it work on a database of its own\n  rowkeeper init     begin with your own database\n',
  )
  return program
}

function addCommand(program: Command, spec: CommandSpec, act: Act): void {
  const words = spec.path.split(' ')
  const parent = words.slice(0, -1).reduce((under, word) => groupOf(under, word), program)
  const command = parent
    .command(words.at(-1) ?? '')
    .description(spec.summary)
    .exitOverride()
  for (const { name, description } of spec.arguments) command.argument(name, description)
  for (const option of spec.flags) command.addOption(option satisfies Option)
  if (spec.examples !== undefined)
    command.addHelpText('after', `\nExamples:\n${spec.examples.map((line) => `  ${line}`).join('\n')}\n`)
  command.showHelpAfterError(`next: rowkeeper ${spec.path} --help`)
  command.action(() => act(spec, command))
}

const groupSummaries: Record<string, string> = {
  config: 'Check, show and describe the configuration',
  state: "rowkeeper's own tables",
  jobs: 'The configured jobs',
  runs: 'What ran and what runs',
  schedule: 'Run jobs when they are due',
  review: 'What reconcile left to people',
  archive: 'The months of an archive: see them, prove them, bring them back',
  migrate: 'A table that gets another definition: see how far it is, steer it, take it back',
  sandbox: 'A database server and a payment provider to try things on',
}

function groupOf(parent: Command, word: string): Command {
  const existing = parent.commands.find((command) => command.name() === word)
  return (
    existing ??
    parent
      .command(word)
      .description(groupSummaries[word] ?? '')
      .exitOverride()
  )
}

function readGlobals(command: Command): GlobalOptions {
  const all = command.optsWithGlobals()
  return {
    config: all.config,
    format: all.format,
    progress: all.quiet ? 'none' : all.progress,
    quiet: all.quiet === true,
    yes: all.yes === true,
    input: all.input !== false,
    color: all.color,
  }
}

function namedArguments(spec: CommandSpec, command: Command): Record<string, string | undefined> {
  return Object.fromEntries(
    spec.arguments.map(({ name }, index) => [name.replace(/[<>[\].]/g, ''), command.args[index]]),
  )
}

/** Help and version are no errors; commander has already written its sentence for the others. */
function readCommanderExit(error: CommanderError): ExitCode {
  return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
}

function writeTo(program: Command, { process }: Shell): void {
  const output = {
    writeOut: (text: string) => void process.stdout.write(text),
    writeErr: (text: string) => void process.stderr.write(text),
  }
  const configure = (command: Command) => {
    command.configureOutput(output)
    for (const child of command.commands) configure(child)
  }
  configure(program)
}
