import { plural } from '../../../../src/lib/units.ts'
import type { Section } from '../../../../src/run/report.ts'
import { FROM_THE_BEGINNING } from '../../ledger/kept.ts'
import type { Findings } from './findings.ts'
import type { Looked } from './looked.ts'
import type { Verifying } from './verifying.ts'

/** What was not compared and why, and what cannot be made right. */
export function describeNotes(looked: Looked, found: Findings): readonly Section[] {
  const { verifying } = looked
  const items = [
    ...describeWrongDays(verifying, found),
    ...describeTruth(verifying),
    ...describeKept(verifying),
    ...describeUniques(verifying),
    ...describeTotals(looked),
  ]
  return items.length === 0 ? [] : [{ type: 'list', title: 'To know', order: 'any', items }]
}

function describeWrongDays({ counters, truth }: Verifying, { days, unknown }: Findings): readonly string[] {
  const [smallest] = counters.sizes
  if (days.length === 0) return []
  if (truth.type === 'rows')
    return [
      'Rows of these days came, changed or went after their buckets had been set for the last time. A rebuild counts them anew, and so does a run whose source.last reaches back there.',
    ]
  return [
    `The events of these days are gone, and the ledger does not say which ${smallest} of which object is wrong: nothing of these days is repaired. Restore their rows from a backup, or leave them.`,
    ...(unknown === 0
      ? []
      : [`${plural(unknown, 'larger counter')} of such days cannot be made right from the smaller ones.`]),
  ]
}

function describeTruth({ counters, truth }: Verifying): readonly string[] {
  const [smallest] = counters.sizes
  const nothing = `Runs that recompute keep no ledger: the ${smallest} counters were`
  switch (truth.type) {
    case 'ledger':
      return []
    case 'rows':
      return [
        `${nothing} compared with the rows of events from ${truth.from} to before ${truth.to}; --from and --to name other days.`,
      ]
    case 'none':
      return [`${nothing} not compared with anything, as no rows are there of buckets that are set for good.`]
  }
}

function describeKept({ counters, kept }: Verifying): readonly string[] {
  return counters.sizes.flatMap((size): readonly string[] => {
    const since = kept.sizes[size]
    if (since === FROM_THE_BEGINNING) return []
    if (since === undefined) return [`${size}: no run has kept this size yet, so it was not compared.`]
    return [
      `${size}: kept since ${since.slice(0, 16)}; what lies before does not hold every event, and was not compared.`,
    ]
  })
}

function describeUniques({ counters }: Verifying): readonly string[] {
  const uniques = counters.measures.filter(({ type }) => type === 'unique').map(({ name }) => name)
  if (uniques.length === 0) return []
  return [`${uniques.join(', ')}: different values do not add up, so they were not compared.`]
}

function describeTotals({ totals }: Looked): readonly string[] {
  if (totals.type !== 'notCompared') return []
  return [whyNoTotals[totals.why]]
}

const whyNoTotals = {
  days: 'Totals were not compared: they are of all days, and some were asked for.',
  notWhole:
    'Totals were not compared: they were something already, or counters less than everything, when the job first kept them.',
} as const
