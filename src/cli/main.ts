import { setFlagsFromString } from 'node:v8'
import { createStopControl } from '../lib/abort.ts'
import { asRowkeeperError, type ExitCode, exitCodes } from '../lib/errors.ts'
import { version } from '../lib/version.ts'
import type { Shell } from './shell.ts'

/** A first signal leaves the unit in hand this long. */
const STOP_GRACE_MS = 20_000

/** Runs one command line and returns the process's exit code. */
export async function main(shell: Shell): Promise<ExitCode> {
  const { process, clock } = shell
  const words = process.argv.slice(2)
  if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
    process.stdout.write(`${version}\n`)
    return exitCodes.done
  }
  boundMemory()
  const { listenToSignals } = await import('./signals.ts')
  const control = createStopControl(clock, STOP_GRACE_MS)
  const release = listenToSignals(process, control, clock)
  try {
    const { runCommandLine } = await import('./program.ts')
    return await runCommandLine(shell, control, words)
  } catch (thrown) {
    return await failCommand(shell, thrown)
  } finally {
    control.release()
    release()
  }
}

/**
 * V8 lets garbage grow with the machine's memory: a million rows took 322 MB of 24 GiB, with 60 MB of them in use. A tool
 * beside cron stays small; collecting earlier costs a tenth more CPU at full speed and one percent of the rate when it waits for others.
 */
function boundMemory(): void {
  setFlagsFromString('--heap-growing-percent=80')
}

/** Errors of commands that have no result document: usage, configuration, connection. */
async function failCommand({ process }: Shell, thrown: unknown): Promise<ExitCode> {
  const [{ renderError }, { chooseStyle }] = await Promise.all([
    import('../output/text.ts'),
    import('../output/style.ts'),
  ])
  const error = asRowkeeperError(thrown)
  process.stderr.write(renderError(error, chooseStyle(process.stderr, process.env, 'auto')))
  if (error.exitCode === exitCodes.bug && process.env.NODE_DEBUG?.includes('rowkeeper'))
    process.stderr.write(`${String((thrown as Error).stack)}\n`)
  return error.exitCode
}
