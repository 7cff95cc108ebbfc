import { type ExitCode, exitCodes, RowkeeperError } from '../../lib/errors.ts'
import { formatCount, formatDuration } from '../../lib/units.ts'
import { writeJson } from '../../output/json.ts'
import { paint } from '../../output/style.ts'
import { smallestShop } from '../../sandbox/shop/shop.ts'
import type { Act } from '../demo/act.ts'
import { acts } from '../demo/acts.ts'
import { type Stage, type StageOptions, withStage } from '../demo/stage.ts'
import { readCount } from '../read-options.ts'
import type { Handler, Invocation } from '../shell.ts'

/** Everything on a server of its own, which is gone when the demo ends, however it ends. */
export const demo: Handler = async (invocation) => {
  const options = readOptions(invocation)
  const { process, clock } = invocation.shell
  const begun = clock.elapsed()
  const played = await withStage(invocation, options, playAll)
  const exitCode = played.at(-1)?.exitCode ?? exitCodes.done
  const durationMs = Math.round(clock.elapsed() - begun)
  if (invocation.globals.format === 'json') {
    const document = { schemaVersion: 1, ...options, exitCode, durationMs, acts: played }
    process.stdout.write(writeJson(document))
  } else {
    process.stdout.write(closingLines(exitCode, durationMs))
  }
  return exitCode
}

/** More would pass the grace time of the youngest payments while it still runs. */
const LARGEST_SHOP = 100_000

function readOptions({ options }: Invocation): StageOptions {
  const seed = readCount(options.seed, '--seed') ?? 1
  const rows = readCount(options.rows, '--rows') ?? 20_000
  if (rows >= smallestShop && rows <= LARGEST_SHOP) return { seed, rows }
  throw new RowkeeperError({
    code: 'usage.badOption',
    message: `--rows takes ${formatCount(smallestShop)} to ${formatCount(LARGEST_SHOP)}, not ${rows}.`,
    hint: 'rowkeeper demo --help',
    exitCode: exitCodes.usage,
  })
}

interface Played {
  readonly title: string
  readonly command?: string
  readonly exitCode: ExitCode
  readonly result: unknown
}

/** Ends with the first act that did not go as it must. */
async function playAll(stage: Stage): Promise<readonly Played[]> {
  const played: Played[] = []
  for (const act of acts) {
    stage.invocation.control.stop.throwIfAborted()
    const title = act.title(stage)
    print(stage, heading(act, `${played.length + 1}. ${title}`, stage))
    const { exitCode, document, text } = await act.play(stage)
    print(stage, `${text}\n`)
    const command = act.command === undefined ? {} : { command: act.command(stage) }
    played.push({ title, ...command, exitCode, result: document })
    if (exitCode !== exitCodes.done) break
  }
  return played
}

function heading({ command }: Act, title: string, stage: Stage): string {
  const { style } = stage
  const typed = command === undefined ? [] : [paint(`$ ${command(stage)}`, 'quiet', style)]
  return `${[paint(title, 'strong', style), ...typed].join('\n')}\n\n`
}

/** With `--format json` standard output carries the one document at the end, and nothing else. */
function print({ invocation: { shell, globals } }: Stage, text: string): void {
  if (globals.format === 'text') shell.process.stdout.write(text)
}

function closingLines(exitCode: ExitCode, durationMs: number): string {
  const ended = `demo ended after ${formatDuration(durationMs)}; its server, its provider and its files are gone again`
  return exitCode === exitCodes.done
    ? `${ended}\nnext: begin with your own database: rowkeeper init\n`
    : `${ended} (exit code ${exitCode})\n`
}
