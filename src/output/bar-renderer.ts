import ora, { type Ora } from 'ora'
import type { Clock } from '../lib/clock.ts'
import { describeEvent } from './event-text.ts'
import type { Renderer, Terminal } from './renderer.ts'
import { createRepeatLimit, describeHeldBack } from './repeat-limit.ts'
import { advanceStep, describeFinishedStep, drawStep, type Step } from './step-progress.ts'
import { chooseStyle, paint } from './style.ts'

const REDRAW_EVERY = 100

/**
 * One living line for the step that moved last, and permanent lines for what is over. Ora redraws ten times a second
 * and asks for the text then, so that events cost nothing between two redraws. Terminals only.
 */
export function createBarRenderer(terminal: Terminal, clock: Clock): Renderer {
  const style = chooseStyle(terminal.stream, terminal.environment, terminal.color)
  const steps = new Map<string, Step>()
  const line = createLivingLine(terminal, style.color, () => drawLatest(steps))
  const write = (text: string) => terminal.stream.write(`${text}\n`)
  const limit = createRepeatLimit(clock, (kind, heldBack) => write(describeHeldBack(kind, heldBack)))

  const keep = (step: Step) => {
    // Taken out first: a map remembers the order of insertion, and the last one is the one shown.
    steps.delete(step.name)
    steps.set(step.name, step)
    line.start()
  }
  const finish = (step: Step) => {
    write(`${paint('✔', 'good', style)} ${describeFinishedStep(step, clock)}`)
    steps.delete(step.name)
    if (steps.size === 0) line.stop()
  }

  return {
    render({ event }) {
      switch (event.type) {
        case 'stepStarted':
        case 'stepProgress':
          return keep(advanceStep(steps.get(event.step), event, clock))
        case 'stepFinished':
          return finish(advanceStep(steps.get(event.step), event, clock))
        // The report tells the items and the result tells the end, both right below.
        case 'itemSettled':
        case 'runFinished':
          return
        default:
          if (limit.admit(event.type)) write(describeEvent(event, style))
      }
    },
    close() {
      limit.flush()
      line.stop()
    },
  }
}

function drawLatest(steps: ReadonlyMap<string, Step>): string {
  const latest = [...steps.values()].at(-1)
  return latest === undefined ? '' : drawStep(latest)
}

/**
 * `discardStdin` off: it puts the terminal in raw mode and delays Ctrl-C while the loop is busy. `hideCursor` off: a
 * kill −9 would leave the terminal without one.
 */
function createLivingLine(
  terminal: Terminal,
  color: boolean,
  draw: () => string,
): Pick<Ora, 'start' | 'stop'> {
  return ora({
    stream: terminal.stream,
    discardStdin: false,
    hideCursor: false,
    interval: REDRAW_EVERY,
    isEnabled: true,
    color: color ? 'cyan' : false,
    suffixText: draw,
  })
}
