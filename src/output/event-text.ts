import { unreachable } from '../lib/errors.ts'
import { formatDuration } from '../lib/units.ts'
import type { RunEvent } from '../run/events.ts'
import { sanitizeText, type TextStyle } from './style.ts'
import { describeFinding, describeWarning, statusLine } from './text.ts'

type StepEvent = Extract<RunEvent, { step: string }>

/** Events that are lines of their own; steps are drawn by the renderers. */
export type PlainEvent = Exclude<RunEvent, StepEvent> | Extract<RunEvent, { type: 'stepThrottled' }>

/** One event as one or two lines for a person. */
export function describeEvent(event: PlainEvent, style: TextStyle): string {
  switch (event.type) {
    case 'runStarted':
      return `${name(event.job)}: ${name(commandText(event))} started (run ${name(event.runId)})`
    case 'leaseTaken':
      return event.takenOverFrom === undefined
        ? `lease of ${name(event.lease)} taken`
        : `lease of ${name(event.lease)} taken over from ${name(event.takenOverFrom)}`
    case 'checkFailed':
      return describeFinding(event.finding, style)
    case 'stepThrottled':
      return `${name(event.step)}: waiting, ${name(event.reason)}`
    case 'retrying':
      return `${name(event.what)}: attempt ${event.attempt} failed, ${name(event.why)}; next in ${formatDuration(event.delayMs)}`
    case 'breakerChanged':
      return `circuit breaker ${name(event.service)} ${name(event.circuit)}: ${name(event.from)} → ${name(event.to)}`
    case 'itemSettled':
      return `${name(event.item)}: ${name(event.text)}`
    case 'warning':
      return describeWarning(event.warning, style)
    case 'stopping':
      return `stopping: ${name(event.text)}`
    case 'runFinished':
      return `${name(event.result.job)}: ${statusLine(event.result, style)}`
    default:
      return unreachable(event)
  }
}

/** `reconcile run`, `archive months`: a verb of a group named like the kind says it already. */
export function commandText({ kind, verb }: { readonly kind: string; readonly verb: string }): string {
  return verb.startsWith(`${kind} `) ? verb : `${kind} ${verb}`
}

const name = sanitizeText
