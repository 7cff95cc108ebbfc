import type { Command } from 'commander'
import { initialConfig } from '../config/init.ts'
import { configReference } from '../config/reference.ts'
import { exitCodes, exitMeanings } from '../lib/errors.ts'
import type { Job } from '../run/job.ts'
import { createProgram } from './program.ts'

/** The documents that are made from the program itself, by path. */
export function generatedDocuments(jobs: readonly Job[]): Readonly<Record<string, string>> {
  return {
    'docs/commands.md': commandsDocument(jobs),
    'docs/configuration.md': configReference(jobs.map(({ kind, schema }) => ({ kind, schema }))),
    'docs/exit-codes.md': exitCodesDocument(),
    'examples/rowkeeper.yaml': initialConfig(),
  }
}

function commandsDocument(jobs: readonly Job[]): string {
  const program = createProgram(jobs, async () => {})
  const leaves = listCommands(program).filter((command) => command.commands.length === 0)
  const sections = leaves.map((command) => `## ${fullName(command)}\n\n\`\`\`\n${helpOf(command)}\n\`\`\`\n`)
  const head = [
    '# Commands',
    '',
    'Every flag has a twin in the environment: `--max-runtime` is `ROWKEEPER_MAX_RUNTIME`. The flag wins.',
    'These flags work with every command:',
    '',
    '```',
    optionLines(program),
    '```',
    '',
  ]
  return `${head.join('\n')}\n${sections.join('\n')}`
}

function listCommands(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...listCommands(child)])
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`
}

function helpOf(command: Command): string {
  return command.configureHelp({ helpWidth: 100 }).helpInformation().trim()
}

function optionLines(program: Command): string {
  return program.options.map((option) => `${option.flags.padEnd(22)}${option.description}`).join('\n')
}

function exitCodesDocument(): string {
  const rows = Object.entries(exitMeanings).map(
    ([name, meaning]) => `| ${exitCodes[name as keyof typeof exitCodes]} | ${meaning} |`,
  )
  return ['# Exit codes', '', '| code | meaning |', '|---|---|', ...rows, ''].join('\n')
}
