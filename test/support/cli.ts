import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { never } from '../../src/lib/abort.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { ResultDocument } from '../../src/run/result.ts'

/** The product as it is shipped; `npm test` builds it first. */
export const builtBinary = fileURLToPath(new URL('../../dist/bin/rowkeeper.js', import.meta.url))

export interface CommandEnded {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined
  readonly signal: NodeJS.Signals | undefined
  readonly stdout: string
  readonly stderr: string
  /** From the start of the process to its end. */
  readonly durationMs: number
}

export interface StartedCommand {
  readonly pid: number
  readonly ended: Promise<CommandEnded>
  /** False when it had ended already. */
  signal(name: NodeJS.Signals): boolean
  /** Resolves as soon as stdout or stderr contains `text`; rejects when the command ends or 20 s pass without. */
  says(text: string): Promise<void>
  /** Closes our end of its stdout, as `head -1` does. */
  closeOutput(): void
}

export interface CommandOptions {
  readonly words: readonly string[]
  /** Everything it gets beside PATH and HOME. */
  readonly environment: Readonly<Record<string, string>>
  /** Default: the built product. */
  readonly binary?: string
}

/** Runs the command line as a shell or cron does, in a process of its own. */
export function startCommand({ words, environment, binary = builtBinary }: CommandOptions): StartedCommand {
  const { PATH = '', HOME = '' } = process.env
  const begun = systemClock.elapsed()
  const child = spawn(process.execPath, [binary, ...words], {
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (child.pid === undefined) throw new Error(`${binary} could not be started`)
  const output = collectOutput(child)
  const ended = new Promise<CommandEnded>((resolve) => {
    child.once('close', (code, signal) =>
      resolve({
        exitCode: code ?? undefined,
        signal: signal ?? undefined,
        ...output,
        durationMs: systemClock.elapsed() - begun,
      }),
    )
  })
  return {
    pid: child.pid,
    ended,
    signal: (name) => child.kill(name),
    says: (text) => waitForText(output, ended, text),
    closeOutput: () => child.stdout?.destroy(),
  }
}

/** The one JSON document of `--format json`. */
export function readDocument({ stdout, stderr }: CommandEnded): ResultDocument {
  try {
    return JSON.parse(stdout) as ResultDocument
  } catch {
    throw new Error(`stdout is no JSON document: ${stdout}\n${stderr}`)
  }
}

interface Output {
  stdout: string
  stderr: string
}

function collectOutput(child: ChildProcess): Output {
  const output: Output = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  return output
}

const SAYS_LIMIT_MS = 20_000
const SAYS_PAUSE_MS = 10

async function waitForText(output: Output, ended: Promise<CommandEnded>, text: string): Promise<void> {
  let isOver = false
  void ended.then(() => {
    isOver = true
  })
  const deadline = systemClock.elapsed() + SAYS_LIMIT_MS
  while (!`${output.stdout}\n${output.stderr}`.includes(text)) {
    if (isOver || systemClock.elapsed() > deadline) {
      throw new Error(`the command never said "${text}" but: ${output.stdout}\n${output.stderr}`)
    }
    await systemClock.sleep(SAYS_PAUSE_MS, never)
  }
}
