import type { Clock } from '../lib/clock.ts'
import type { StampedEvent } from '../run/events.ts'
import { describeEvent } from './event-text.ts'
import type { Renderer, Terminal } from './renderer.ts'
import { createRepeatLimit, describeHeldBack } from './repeat-limit.ts'
import {
  advanceStep,
  describeFinishedStep,
  describeStartedStep,
  describeStep,
  percentOf,
  type Step,
} from './step-progress.ts'
import { chooseStyle } from './style.ts'

const QUIET_AT_MOST = 15_000
const PERCENT_STEP = 5
/** Five percent of a small step pass in no time; a log wants no twenty lines in one second. */
const SHORTEST_PAUSE = 1000

interface ShownStep {
  readonly step: Step
  readonly shownAt: number
  readonly shownPercent: number
  readonly cancelTimer: () => void
}

/**
 * One plain line with its time per change: a step's start, then every 15 s (also when nothing moves, so that a log
 * tells slow from dead) or 5 %, and its end.
 */
export function createLinesRenderer(terminal: Terminal, clock: Clock): Renderer {
  const style = chooseStyle(terminal.stream, terminal.environment, terminal.color)
  const steps = new Map<string, ShownStep>()
  const write = (text: string, at = clock.now().toISOString()) =>
    terminal.stream.write(`${at.replace(/\.\d+Z$/, 'Z')}  ${text}\n`)
  const limit = createRepeatLimit(clock, (kind, heldBack) => write(describeHeldBack(kind, heldBack)))

  const forget = (name: string) => {
    steps.get(name)?.cancelTimer()
    steps.delete(name)
  }
  const show = (step: Step, text: string, at?: string) => {
    write(text, at)
    forget(step.name)
    steps.set(step.name, {
      step,
      shownAt: clock.elapsed(),
      shownPercent: percentOf(step) ?? 0,
      cancelTimer: clock.schedule(QUIET_AT_MOST, () => showAgain(step.name)),
    })
  }
  const showAgain = (name: string) => {
    const step = steps.get(name)?.step
    if (step !== undefined) show(step, describeStep(step))
  }
  const showWhenDue = (step: Step, at: string) => {
    const shown = steps.get(step.name)
    if (shown === undefined || isDue(step, shown, clock)) return show(step, describeStep(step), at)
    steps.set(step.name, { ...shown, step })
  }

  return {
    render({ at, event }: StampedEvent) {
      switch (event.type) {
        case 'stepStarted': {
          const step = advanceStep(undefined, event, clock)
          return show(step, describeStartedStep(step), at)
        }
        case 'stepProgress':
          return showWhenDue(advanceStep(steps.get(event.step)?.step, event, clock), at)
        case 'stepFinished':
          write(describeFinishedStep(advanceStep(steps.get(event.step)?.step, event, clock), clock), at)
          return forget(event.step)
        default:
          if (limit.admit(event.type)) write(describeEvent(event, style), at)
      }
    },
    close() {
      for (const name of [...steps.keys()]) forget(name)
      limit.flush()
    },
  }
}

function isDue(step: Step, shown: ShownStep, clock: Clock): boolean {
  const quiet = clock.elapsed() - shown.shownAt
  const gained = (percentOf(step) ?? 0) - shown.shownPercent
  return quiet >= QUIET_AT_MOST || (gained >= PERCENT_STEP && quiet >= SHORTEST_PAUSE)
}
