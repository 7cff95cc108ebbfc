import { formatCount, formatDuration, plural } from '../../src/lib/units.ts'
import type { PlanDescription, RunReport } from '../../src/run/job.ts'
import type { Section } from '../../src/run/report.ts'
import { describeGroup } from './events/describe-group.ts'
import type { Estimate, RollupPlan, Step } from './plan-model.ts'
import type { RollupResult, TopEntry } from './result-model.ts'
import { describeHold } from './rotate/rotate.ts'
import type { Settings } from './tables.ts'

export function describePlan(settings: Settings, plan: RollupPlan): PlanDescription {
  const { asOf: _, ...detail } = plan
  return {
    report: {
      headline: planHeadline(settings, plan),
      sections: [
        { type: 'facts', facts: planFacts(plan) },
        ...guaranteeFacts(plan),
        ...topBars('Would be counted most (of the first 100,000 events)', plan.top),
        ...stepList(plan.steps),
        ...optionalList('To know', plan.notes),
        ...optionalLines(
          'Statements of a batch, with ? for values',
          plan.statements.map((text) => `${text};`),
        ),
      ],
    },
    hasWork: plan.steps.length > 0,
    counts: { events: plan.waiting.events, filtered: 0, keys: 0, batches: 0, remaining: plan.waiting.events },
    detail,
  }
}

function planHeadline({ job, options }: Settings, { waiting, steps }: RollupPlan): string {
  const about = waiting.counted === 'estimated' ? 'about ' : ''
  if (waiting.events > 0)
    return `${job}: ${about}${plural(waiting.events, 'event')} would be counted into ${options.into.table}.`
  return `${job}: no event waits to be counted${steps.length === 0 ? '; there is nothing to do' : ''}.`
}

function planFacts({ strategy, why, waiting, timeZone, estimate }: RollupPlan) {
  return [
    ...(strategy === undefined ? [] : [fact('strategy', `${strategy}: ${why}`)]),
    ...(waiting.oldest === undefined ? [] : [fact('oldest event', waiting.oldest)]),
    ...(waiting.newest === undefined ? [] : [fact('newest event', waiting.newest)]),
    fact('days begin', `at midnight in ${timeZone}`),
    ...(estimate === undefined ? [] : [fact('would take', describeEstimate(estimate))]),
  ]
}

function guaranteeFacts({ guarantee }: RollupPlan): readonly Section[] {
  if (guarantee === undefined) return []
  const { counts, lateCommits, rows, writers } = guarantee
  return [
    {
      type: 'facts',
      title: 'What that promises on this server',
      facts: [
        fact('counts', counts),
        fact('late commits', lateCommits),
        fact('events', rows),
        fact('writers', writers),
      ],
    },
  ]
}

export function reportRun(settings: Settings, result: RollupResult): RunReport {
  const { strategy, milliseconds, unknownObjects, unusable, oldestWaiting, leftReasons, throttledMs, top } =
    result
  return {
    report: {
      headline: runHeadline(settings, result),
      sections: [
        { type: 'facts', facts: runFacts(settings, result) },
        ...topBars(`Highest ${Object.keys(settings.options.measures)[0]}, ${result.topOf}`, result.top),
        ...optionalList('Left over', [...leftReasons, ...describeUnusable(settings, unusable)]),
      ],
    },
    detail: {
      strategy,
      milliseconds,
      unknownObjects,
      unusable,
      oldestWaiting,
      leftReasons,
      throttledMs,
      top,
    },
    next: leftReasons.length === 0 ? [] : [`rowkeeper run ${settings.job}`],
  }
}

function runHeadline({ job, options }: Settings, { counts }: RollupResult): string {
  const { events = 0, keys = 0 } = counts
  if (events === 0) return `${job}: no event waited to be counted.`
  return `${job}: ${plural(events, 'event')} counted into ${options.into.table}, ${plural(keys, 'counter')} changed.`
}

function runFacts({ options }: Settings, result: RollupResult) {
  const { counts, milliseconds, unknownObjects, oldestWaiting, throttledMs } = result
  const { events = 0, filtered = 0, batches = 0, remaining = 0 } = counts
  return [
    ...(events === 0
      ? []
      : [fact('rate', `${describeRate(events, milliseconds)}, in ${plural(batches, 'batch', 'batches')}`)]),
    ...(filtered === 0
      ? []
      : [fact('not counted as views of people', `${plural(filtered, 'event')}: bots, and repeats`)]),
    ...(unknownObjects.objects === 0
      ? []
      : [
          fact(
            `not in ${options.total?.table ?? 'the table of totals'}`,
            `${plural(unknownObjects.objects, 'object')}, counted without a total: ${unknownObjects.samples.join(', ')}`,
          ),
        ]),
    fact('still waiting', plural(remaining, 'event')),
    ...(oldestWaiting === undefined ? [] : [fact('oldest waiting event', oldestWaiting)]),
    ...(throttledMs === 0 ? [] : [fact('waited for the server', formatDuration(throttledMs))]),
  ]
}

function describeRate(events: number, milliseconds: number): string {
  return `${formatCount((events / Math.max(milliseconds, 1)) * 1000)} events/s for ${formatDuration(milliseconds)}`
}

function describeUnusable({ options }: Settings, unusable: number): readonly string[] {
  if (unusable === 0) return []
  const { table = '', time = '' } = options.source ?? {}
  return [
    `${plural(unusable, 'event')} of ${table} without a usable ${time}, or without a value for ${Object.values(options.group).join(', ')}: left where they are`,
  ]
}

function describeEstimate({ lowSeconds, highSeconds, basis }: Estimate): string {
  if (highSeconds < 1) return 'less than a second'
  const [low, high] = [formatDuration(lowSeconds * 1000), formatDuration(highSeconds * 1000)]
  const range = low === high ? `about ${low}` : `${low} to ${high}`
  return basis === 'earlier runs'
    ? `${range}, as earlier runs went`
    : `${range}: a wide guess, since no run has been measured here yet`
}

function topBars(title: string, top: readonly TopEntry[]): readonly Section[] {
  if (top.length === 0) return []
  return [
    {
      type: 'bars',
      title,
      bars: top.map(({ group, events }) => ({
        label: describeGroup(group),
        value: events,
      })),
    },
  ]
}

function stepList(steps: readonly Step[]): readonly Section[] {
  const title = 'What a run does, in this order'
  return steps.length === 0
    ? [{ type: 'lines', title, lines: ['nothing'] }]
    : [{ type: 'list', title, order: 'numbered', items: steps.map(describeStep) }]
}

function describeStep(step: Step): string {
  switch (step.type) {
    case 'createTable':
      return `make the table ${step.table.schema}.${step.table.table}`
    case 'recompute':
      return `count the buckets from ${step.from} to ${step.to} anew (about ${plural(step.events, 'event')}) and set their counters; events stay`
    case 'settleSegments':
      return `finish with ${step.begun.join(', ')}, which an earlier run put aside`
    case 'rotate':
      return `${begunText(step.begun)}put the table of events aside (about ${plural(step.events, 'event')}) for an empty one of the same definition, and count it in chunks; then it is ${describeHold(step.hold)}`
    case 'consume':
      return `count and delete events up to ${step.upTo.join(', ')}, in batches: counters, totals, ledger and events change in one transaction`
  }
}

function begunText(begun: readonly string[]): string {
  return begun.length === 0 ? '' : `go on with ${begun.join(', ')}; `
}

function optionalList(title: string, items: readonly string[]): readonly Section[] {
  return items.length === 0 ? [] : [{ type: 'list', title, order: 'any', items }]
}

function optionalLines(title: string, lines: readonly string[]): readonly Section[] {
  return lines.length === 0 ? [] : [{ type: 'lines', title, lines }]
}

function fact(label: string, value: string) {
  return { label, value }
}
