import { formatBytes, plural } from '../../../src/lib/units.ts'
import type { VerbResult } from '../../../src/run/job.ts'
import type { Section } from '../../../src/run/report.ts'
import type { Settings } from '../tables.ts'
import type { Content } from './content.ts'
import type { KnownFile } from './known-file.ts'
import type { BadLine } from './sql.ts'

export interface ImportResult {
  readonly from: number
  readonly to: number
  readonly lines: number
  readonly events: number
  /** Of the events: bots and repeats. */
  readonly filtered: number
  /** Lines that are no events by the configuration. */
  readonly others: number
  readonly bad: number
  /** The first few bad ones. */
  readonly samples: readonly BadLine[]
  readonly keys: number
  readonly batches: number
}

export const noLines: ImportResult = {
  from: 0,
  to: 0,
  lines: 0,
  events: 0,
  filtered: 0,
  others: 0,
  bad: 0,
  samples: [],
  keys: 0,
  batches: 0,
}

export function resultOfImport(
  { job, options }: Settings,
  content: Content,
  { known, ...result }: ImportResult & { readonly known: KnownFile | undefined },
): VerbResult {
  const { events, filtered, keys, batches, bad, others, lines, samples } = result
  const rest = content.bytes === undefined ? 0 : Math.max(0, content.bytes - Math.max(result.to, result.from))
  const said = events === 0 ? 'nothing new to count' : `${plural(events, 'event')} into ${options.into.table}`
  const facts = [
    ...(known === undefined || known.doneBytes === 0
      ? []
      : [fact('counted before', `${formatBytes(known.doneBytes)} of it, as ${known.name}`)]),
    fact('lines read', plural(lines, 'line')),
    ...(others === 0 ? [] : [fact('no events', `${plural(others, 'line')}: by lines.where and lines.match`)]),
    ...(filtered === 0
      ? []
      : [fact('not counted as views of people', `${plural(filtered, 'event')}: bots, and repeats`)]),
    ...(bad === 0 ? [] : [fact('could not be read', `${plural(bad, 'line')}, kept for you`)]),
    ...(rest === 0
      ? []
      : [
          fact(
            'left',
            `${formatBytes(rest)}: a last line without an end${options.lines?.format === 'csv' ? ', or with a quote that is not closed' : ''}, which may still be written`,
          ),
        ]),
  ]
  return {
    report: {
      headline: `${job}: ${content.name}: ${said}.`,
      sections: [{ type: 'facts', facts }, ...badLines(samples)],
    },
    detail: { name: content.name, ...result, left: rest },
    next: bad === 0 ? [] : [`rowkeeper rollup bad-lines ${job}`],
    counts: { events, filtered, keys, batches, remaining: 0, lines, bad, others },
    changed: events,
    leftOver: bad,
  }
}

function badLines(samples: readonly BadLine[]): readonly Section[] {
  if (samples.length === 0) return []
  const items = samples.map(({ line, reason }) => `line ${line}: ${reason}`)
  return [{ type: 'list', title: 'The first lines that could not be read', order: 'any', items }]
}

function fact(label: string, value: string) {
  return { label, value }
}
