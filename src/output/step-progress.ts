import { createEta, type Estimate, type Eta } from '../engine/eta.ts'
import type { Clock } from '../lib/clock.ts'
import { formatCount, formatDuration } from '../lib/units.ts'
import type { RunEvent } from '../run/events.ts'
import { drawBar } from './section-text.ts'
import { sanitizeText } from './style.ts'

type StepEvent = Extract<RunEvent, { type: 'stepStarted' | 'stepProgress' | 'stepFinished' }>

/** A step in hand. */
export interface Step {
  readonly name: string
  readonly unit: string
  readonly done: number
  readonly total: number | undefined
  readonly startedAt: number
  readonly eta: Eta
}

/** The step after `event`: what the event leaves out is kept from before. */
export function advanceStep(before: Step | undefined, event: StepEvent, clock: Clock): Step {
  const { startedAt = clock.elapsed(), eta = createEta(clock) } = before ?? {}
  const { total = before?.total } = 'total' in event ? event : {}
  const done = event.type === 'stepStarted' ? 0 : event.done
  if (event.type === 'stepProgress') eta.observe(done, total)
  return { name: event.step, unit: event.unit, done, total, startedAt, eta }
}

/** `comparing payments: started, 20,000 rows to go` */
export function describeStartedStep({ name, total, unit }: Step): string {
  const extent = total === undefined ? '' : `, ${formatCount(total)} ${sanitizeText(unit)} to go`
  return `${sanitizeText(name)}: started${extent}`
}

/** `comparing payments  ██████░░░░  62 %  12,400 / 20,000 rows  812/s  ETA 9 s` */
export function drawStep(step: Step): string {
  const ratio = knownRatio(step)
  const bar = ratio === undefined ? [] : [drawBar(ratio, BAR_WIDTH).padEnd(BAR_WIDTH, '░')]
  return [sanitizeText(step.name), ...bar, ...measures(step)].join('  ')
}

/** The same without a drawing: `comparing payments: 62 %, 12,400 / 20,000 rows, 812/s, ETA 9 s` */
export function describeStep(step: Step): string {
  return `${sanitizeText(step.name)}: ${measures(step).join(', ')}`
}

/** `comparing payments: 20,000 rows in 14 s (1,428/s)` */
export function describeFinishedStep(step: Step, clock: Clock): string {
  const duration = clock.elapsed() - step.startedAt
  const rate = duration >= 1000 && step.done > 0 ? ` (${formatRate((step.done / duration) * 1000)})` : ''
  const amount = `${formatCount(step.done)} ${sanitizeText(step.unit)}`
  return `${sanitizeText(step.name)}: ${amount} in ${formatDuration(duration)}${rate}`
}

/** Whole percent, 100 only when nothing is left; undefined without a total or past it. */
export function percentOf(step: Step): number | undefined {
  const ratio = knownRatio(step)
  return ratio === undefined ? undefined : Math.floor(ratio * 100)
}

const BAR_WIDTH = 20

function knownRatio({ done, total }: Step): number | undefined {
  return total === undefined || total <= 0 || done > total ? undefined : done / total
}

function measures(step: Step): readonly string[] {
  const percent = percentOf(step)
  const { ratePerSecond, remaining } = step.eta.observe(step.done, step.total)
  return [
    ...(percent === undefined ? [] : [`${percent} %`]),
    amountOf(step),
    ...(ratePerSecond > 0 ? [formatRate(ratePerSecond)] : []),
    ...(percent === undefined ? [] : [`ETA ${remaining === undefined ? '…' : formatRange(remaining)}`]),
  ]
}

function amountOf({ done, total, unit }: Step): string {
  const name = sanitizeText(unit)
  if (total === undefined || total <= 0) return `${formatCount(done)} ${name}`
  if (done > total) return `${formatCount(done)} ${name}, more than the ${formatCount(total)} expected`
  return `${formatCount(done)} / ${formatCount(total)} ${name}`
}

/** Slow work is not "0/s": below one a second it is told per minute. */
function formatRate(perSecond: number): string {
  return perSecond >= 1 ? `${formatCount(perSecond)}/s` : `${formatCount(perSecond * 60)}/min`
}

/** One time when both ends round to about the same, a range otherwise. */
function formatRange({ lowMs, likelyMs, highMs }: NonNullable<Estimate['remaining']>): string {
  if (highMs <= lowMs * 1.3) return formatRounded(likelyMs)
  const [low, high] = [formatRounded(lowMs), formatRounded(highMs)]
  return low === high ? low : `${low} – ${high}`
}

/** Rounded up, and no finer than can be known: seconds below a minute, then ten seconds, then minutes. */
function formatRounded(milliseconds: number): string {
  const grain = milliseconds < 60_000 ? 1000 : milliseconds < 600_000 ? 10_000 : 60_000
  const rounded = Math.ceil(milliseconds / grain) * grain
  return rounded < 10_000 ? `${rounded / 1000} s` : formatDuration(rounded)
}
