import type { LatencySummary } from '../../src/http/latency.ts'
import { formatCount, formatDuration, plural } from '../../src/lib/units.ts'
import type { JobSettings, PlanDescription, RunReport } from '../../src/run/job.ts'
import type { BarsSection, Section, TableSection } from '../../src/run/report.ts'
import { describeFacts, type Facts } from './classes.ts'
import type { ReconcileConfig } from './config.ts'
import { type Estimate, estimateExecution } from './estimate.ts'
import type { Finding } from './items.ts'
import type { KindCounts, ReconcilePlan, Step } from './plan-model.ts'
import type { ItemEnd, ReconcileResult } from './result-model.ts'
import { describeKey } from './row.ts'
import { endingTexts, stepDetail } from './step-detail.ts'

export function describePlan(settings: JobSettings<ReconcileConfig>, plan: ReconcilePlan): PlanDescription {
  const { counts, steps } = plan
  const estimate = estimateExecution(plan)
  const hasWork = steps.length > 0 || counts.review > 0
  const work = steps.length === 0 ? 'nothing to change' : `${plural(steps.length, 'change')} to make`
  const duration = steps.length === 0 ? [] : [fact('would take', describeEstimate(estimate))]
  return {
    report: {
      headline: `${settings.job}: ${plural(counts.examined, 'row')} compared, ${differ(counts.mismatched)}, ${work}.`,
      sections: [
        { type: 'facts', facts: [...countFacts(counts), ...duration] },
        kindsTable(plan.kinds),
        stepsTable(steps),
        reviewTable(plan.findings),
        ...latencyBars(plan.latency),
      ],
    },
    hasWork,
    counts: { ...counts, fixed: 0, compensated: 0 },
    detail: {
      ...kindDetail(plan.kinds),
      ...latencyDetail(plan.latency),
      estimate,
      steps: steps.map(stepDetail),
    },
  }
}

export function reportRun(settings: JobSettings<ReconcileConfig>, result: ReconcileResult): RunReport {
  const { counts, ends } = result
  const changes = `${formatCount(counts.fixed ?? 0)} fixed, ${formatCount(counts.compensated ?? 0)} cancelled at the service`
  return {
    report: {
      headline: `${settings.job}: ${plural(counts.examined ?? 0, 'row')} compared, ${differ(counts.mismatched ?? 0)}, ${changes}.`,
      sections: [
        {
          type: 'facts',
          facts: [
            ...countFacts(counts),
            fact('fixed', formatCount(counts.fixed ?? 0)),
            fact('cancelled at the service', formatCount(counts.compensated ?? 0)),
          ],
        },
        kindsTable(result.kinds),
        ...leftTable(ends),
        ...latencyBars(result.latency),
      ],
    },
    detail: {
      ...kindDetail(result.kinds),
      ...latencyDetail(result.latency),
      endings: countEndings(ends),
      cancelled: result.cancelled,
    },
    next: (counts.review ?? 0) > 0 ? [`rowkeeper review list ${settings.job}`] : [],
  }
}

function fact(label: string, value: string) {
  return { label, value }
}

function differ(rows: number): string {
  return `${formatCount(rows)} ${rows === 1 ? 'differs' : 'differ'}`
}

function countFacts(counts: Readonly<Record<string, number>>) {
  return [
    fact('compared', formatCount(counts.examined ?? 0)),
    fact('agree', formatCount(counts.matched ?? 0)),
    fact('differ', formatCount(counts.mismatched ?? 0)),
    fact('still open on both sides', formatCount(counts.waiting ?? 0)),
    fact('without a clear answer', formatCount(counts.unanswered ?? 0)),
    fact('left to people', formatCount(counts.review ?? 0)),
  ]
}

function kindsTable(kinds: ReconcilePlan['kinds']): TableSection {
  const rows = (Object.entries(kinds) as [Facts, KindCounts][]).toSorted(
    ([, left], [, right]) => right.found - left.found,
  )
  return {
    type: 'table',
    title: 'What differs',
    columns: [
      { name: 'kind', align: 'left' },
      { name: 'rows', align: 'right' },
      { name: 'changed by a run', align: 'right' },
      { name: 'left to people', align: 'right' },
      { name: 'only reported', align: 'right' },
    ],
    rows: rows.map(([facts, counts]) => [
      describeFacts(facts),
      formatCount(counts.found),
      formatCount(counts.automatic),
      formatCount(counts.review),
      formatCount(counts.off),
    ]),
    empty: 'Nothing differs.',
  }
}

/** More would not be read on a screen; the whole list is in `--report` and in the plan file. */
const SHOWN_ROWS = 20

function stepsTable(steps: readonly Step[]): Section {
  const shown = steps.slice(0, SHOWN_ROWS).map((step) => {
    const { key, reference, from, to, evidence } = stepDetail(step)
    return [key, reference, from, to, evidence]
  })
  return {
    type: 'table',
    title: titleOf('What a run would change', steps.length),
    columns: ['key', 'reference', 'is', 'becomes', 'because'].map((name) => ({ name, align: 'left' })),
    rows: shown,
    empty: 'A run would change nothing.',
  }
}

function reviewTable(findings: readonly Finding[]): Section {
  const reviews = findings.filter((finding) => finding.state === 'review')
  return {
    type: 'table',
    title: titleOf('What would be left to people', reviews.length),
    columns: ['key', 'reference', 'kind', 'because'].map((name) => ({ name, align: 'left' })),
    rows: reviews
      .slice(0, SHOWN_ROWS)
      .map((finding) => [
        describeKey(finding.key),
        finding.reference,
        describeFacts(finding.facts),
        finding.reason,
      ]),
    empty: 'Nothing would be left to people.',
  }
}

function titleOf(title: string, total: number): string {
  return total > SHOWN_ROWS ? `${title} (the first ${SHOWN_ROWS} of ${formatCount(total)})` : title
}

function leftTable(ends: readonly ItemEnd[]): Section[] {
  const left = ends.filter(({ ending }) => ending !== 'fixed' && ending !== 'compensated')
  if (left.length === 0) return []
  const byText = new Map<string, number>()
  for (const { ending, text } of left)
    byText.set(`${endingTexts[ending]}: ${text}`, (byText.get(`${endingTexts[ending]}: ${text}`) ?? 0) + 1)
  return [
    {
      type: 'table',
      title: 'What was not changed',
      columns: [
        { name: 'because', align: 'left' },
        { name: 'rows', align: 'right' },
      ],
      rows: [...byText]
        .toSorted(([, a], [, b]) => b - a)
        .slice(0, SHOWN_ROWS)
        .map(([text, count]) => [text, formatCount(count)]),
    },
  ]
}

function countEndings(ends: readonly ItemEnd[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { ending } of ends) counts[ending] = (counts[ending] ?? 0) + 1
  return counts
}

function kindDetail(kinds: ReconcilePlan['kinds']) {
  return { mismatches: Object.entries(kinds).map(([facts, counts]) => ({ kind: facts, ...counts })) }
}

function latencyDetail(latency: LatencySummary | undefined) {
  return latency === undefined ? {} : { latencyMs: latency }
}

function latencyBars(latency: LatencySummary | undefined): BarsSection[] {
  if (latency === undefined) return []
  const filled = latency.bins.filter(({ count }) => count > 0)
  if (filled.length === 0) return []
  const { p50, p90, p99, max } = latency
  return [
    {
      type: 'bars',
      title: `How fast the service answered (half within ${p50} ms, 90 % within ${p90} ms, 99 % within ${p99} ms, slowest ${max} ms)`,
      bars: filled.map(({ upToMs, count }) => ({
        label: upToMs === null ? 'longer' : `< ${formatDuration(upToMs)}`,
        value: count,
      })),
    },
  ]
}

function describeEstimate({ lowSeconds, highSeconds }: Estimate): string {
  const low = formatDuration(lowSeconds * 1000)
  const high = formatDuration(highSeconds * 1000)
  return low === high ? low : `${low} to ${high}, after comparing again`
}
