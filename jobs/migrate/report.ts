import { formatBytes, formatCount, formatDuration, plural } from '../../src/lib/units.ts'
import type { PlanDescription, RunReport } from '../../src/run/job.ts'
import type { ReportRow, Section } from '../../src/run/report.ts'
import { describeRange } from './estimate/model.ts'
import { artefactsOf } from './names.ts'
import { phaseNames } from './phase-names.ts'
import type { MigratePlan, Step } from './plan-model.ts'
import type { MigrateResult, TimeEstimate } from './result-model.ts'
import type { Phase } from './state/model.ts'
import { type Settings, targetTable } from './tables.ts'

export function describePlan(settings: Settings, plan: MigratePlan): PlanDescription {
  const { asOf: _, ...detail } = plan
  return {
    report: {
      headline: planHeadline(settings, plan),
      sections: [
        { type: 'facts', facts: planFacts(settings, plan) },
        ...optionalLines('The change', plan.change === '' ? [] : [plan.change]),
        ...stepList(settings, plan),
        ...optionalList('What only the server can say, and a run asks first', plan.assumptions),
        ...optionalList('To know', plan.notes),
      ],
    },
    hasWork: plan.steps.length > 0,
    counts: { rowsCopied: 0, changesApplied: 0, rowsChecked: 0, repaired: 0 },
    detail,
  }
}

function planHeadline({ job, options, schema }: Settings, { strategy, steps }: MigratePlan): string {
  const table = `${schema}.${options.table}`
  if (steps.length === 0) return `${job}: ${table} is changed already; there is nothing to do.`
  switch (strategy) {
    case 'none':
      return `${job}: there is nothing to do.`
    case 'instant':
    case 'inplace':
      return `${job}: ${table} would be altered by the server itself.`
    case 'copy':
      return `${job}: ${table} would be copied into its new definition and swapped.`
  }
}

function planFacts(settings: Settings, plan: MigratePlan) {
  const { strategy, why, rows, bytes, indexBytes, estimate } = plan
  return [
    fact('strategy', `${strategy}: ${why}`),
    fact(
      'rows',
      `about ${formatCount(rows)}, ${formatBytes(bytes)} and ${formatBytes(indexBytes)} of indexes`,
    ),
    ...(estimate === undefined ? [] : estimateFacts(estimate)),
    ...(strategy === 'copy' ? [fact('swap', describeSwap(settings))] : []),
  ]
}

function estimateFacts(estimate: TimeEstimate) {
  return [
    fact('would take', describeRange(estimate)),
    fact('rests on', estimate.basis),
    fact('disk needed', `about ${formatBytes(estimate.diskBytes)}, until the retired table is dropped`),
  ]
}

function describeSwap({ options: { cutOver } }: Settings): string {
  const wait = `writers wait at most ${formatDuration(cutOver.lockWait)} for one attempt`
  const hold = cutOver.hold ? ['when an operator says so (rowkeeper migrate cut-over)'] : []
  const window = cutOver.window === undefined ? [] : [`between ${cutOver.window}`]
  return [...hold, ...window, wait].join('; ')
}

function stepList(settings: Settings, { steps }: MigratePlan): readonly Section[] {
  const title = 'What a run does, in this order'
  if (steps.length === 0) return [{ type: 'lines', title, lines: ['nothing'] }]
  const items = steps.flatMap((step) => describeStep(settings, step))
  return [{ type: 'list', title, order: 'numbered', items }]
}

function describeStep(settings: Settings, step: Step): readonly string[] {
  const { scratch, shadow, changelog, retired } = artefactsOf(targetTable(settings))
  const table = settings.options.table
  switch (step.type) {
    case 'alter':
      return [`try it on an empty table, ${scratch.table}`, `ALTER TABLE ${table}, without copying a row`]
    case 'goOn':
      return [`go on with ${phaseNames[step.phase]}`, 'and with all that follows']
    case 'copyAndSwap':
      return [
        `try it on an empty table, ${scratch.table}, and take a gentler way if the server has one`,
        `make ${shadow.table} in the new definition, and three triggers that note the keys of changed rows in ${changelog.table}`,
        'copy all rows in chunks, then build the indexes',
        'carry over what changed meanwhile, and go on doing so',
        'compare every row with its copy, without locking any',
        `lock ${table} for the last few changes, and swap the names: the old table is ${retired.table} then`,
      ]
  }
}

export function reportRun(settings: Settings, result: MigrateResult): RunReport {
  const { strategy, phase, phaseMs, cutOverStallMs, estimate, actualSeconds, throttledMs, notes } = result
  return {
    report: {
      headline: runHeadline(settings, result),
      sections: [
        { type: 'facts', facts: runFacts(result) },
        ...phaseBars(phaseMs),
        ...optionalList('To know', notes),
      ],
    },
    detail: {
      ...{ strategy, phase, phaseMs, throttledMs, notes },
      ...{ cutOverStallMs, estimate, actualSeconds },
    },
    next: nextCommands(settings, result),
  }
}

function runHeadline({ job, options, schema }: Settings, { strategy, phase, counts }: MigrateResult): string {
  const table = `${schema}.${options.table}`
  const rows = plural(counts.rowsCopied ?? 0, 'row')
  if (strategy === 'none') return `${job}: ${table} is as it shall be; nothing was done.`
  if (strategy === 'instant' || strategy === 'inplace')
    return `${job}: ${table} was altered by the server itself.`
  if (phase === 'done') return `${job}: ${table} has its new definition.`
  return `${job}: ${table} is not changed yet; ${rows} copied in this run, ${phase === undefined ? 'just begun' : phaseNames[phase]}.`
}

function runFacts(result: MigrateResult) {
  const { counts, cutOverStallMs, estimate, actualSeconds, throttledMs } = result
  const { rowsCopied = 0, changesApplied = 0, rowsChecked = 0, repaired = 0 } = counts
  return [
    ...(rowsCopied + changesApplied === 0
      ? []
      : [fact('copied', `${plural(rowsCopied, 'row')}, ${plural(changesApplied, 'change')} carried over`)]),
    ...(rowsChecked === 0
      ? []
      : [
          fact(
            'checked',
            `${plural(rowsChecked, 'row')}${repaired === 0 ? ', all equal' : `, ${repaired} repaired`}`,
          ),
        ]),
    ...(cutOverStallMs === undefined
      ? []
      : [fact('swap', `writers waited ${formatDuration(cutOverStallMs)} at most`)]),
    ...(actualSeconds === undefined ? [] : [fact('took', describeTook(actualSeconds, estimate))]),
    ...(throttledMs === 0 ? [] : [fact('waited for the server', formatDuration(throttledMs))]),
  ]
}

function describeTook(actualSeconds: number, estimate: TimeEstimate | undefined): string {
  const took = formatDuration(actualSeconds * 1000)
  if (estimate === undefined) return took
  const ratio = (actualSeconds / Math.max(0.001, estimate.likelySeconds)).toFixed(2)
  return `${took}; ${formatDuration(estimate.likelySeconds * 1000)} were expected (actual ÷ estimate ${ratio})`
}

function phaseBars(phaseMs: MigrateResult['phaseMs']): readonly Section[] {
  const spent = Object.entries(phaseMs).filter(([phase]) => phase !== 'done')
  if (spent.length === 0) return []
  const bars = spent.map(([phase, value]) => ({
    ...{ label: phaseNames[phase as Phase], value },
    note: formatDuration(value),
  }))
  return [{ type: 'bars', title: 'Where the time went (ms)', bars }]
}

function nextCommands({ job, options }: Settings, { strategy, phase }: MigrateResult): readonly string[] {
  if (strategy !== 'copy') return []
  // How to go on after a stop is said for every kind of job.
  if (phase !== 'done' || !options.keepOld) return []
  return [`rowkeeper migrate finish ${job} --confirm ${options.table}`, `rowkeeper migrate revert ${job}`]
}

export function reportRows(_plan: MigratePlan, { phaseMs }: MigrateResult): readonly ReportRow[] {
  return Object.entries(phaseMs).map(([phase, milliseconds]) => ({
    phase: { text: phase },
    milliseconds: { count: milliseconds },
  }))
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
