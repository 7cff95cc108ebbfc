import { type Digest, describeDigest } from '../../../../src/engine/chunks/digest.ts'
import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import { formatCount, plural } from '../../../../src/lib/units.ts'
import type { VerbResult } from '../../../../src/run/job.ts'
import type { Section } from '../../../../src/run/report.ts'
import type { FoundKeys } from '../found-keys.ts'
import { command, type Settings } from '../input.ts'
import type { KeyFindings } from './key-groups.ts'
import type { MonthProof } from './prove-month.ts'

/** What was found out about one archive table. */
export interface TableProof {
  readonly table: string
  readonly months: readonly MonthProof[]
  /** Undefined when the keys could not be compared. */
  readonly keys: KeyFindings | undefined
}

/**
 * A difference is a failure (exit 1): somebody changed an archive that nobody should, or a disk did. What is merely not
 * proven is left over (exit 3). So are rows in both tables while batches between two servers are `unsettled`: the next run
 * ends those.
 */
export function verifyResult(
  settings: Settings,
  tables: readonly TableProof[],
  unsettled: number,
): VerbResult {
  const months = tables.flatMap((table) => table.months)
  const count = (...verdicts: readonly MonthProof['verdict'][]) =>
    months.filter(({ verdict }) => verdicts.includes(verdict)).length
  const tally: VerifyTally = {
    proven: count('proven', 'adopted'),
    differs: count('differs'),
    unproven: count('unproven', 'under way', 'changing'),
    doubled: sumKeys(tables, ({ doubled }) => doubled),
    live: sumKeys(tables, ({ live }) => live),
  }
  const error = errorOf(settings, { ...tally, live: unsettled > 0 ? 0 : tally.live }, months)
  return {
    report: {
      headline: `${settings.job}: ${plural(tally.proven, 'month')} proven, ${formatCount(tally.differs)} with differences, ${formatCount(tally.unproven)} unproven.`,
      sections: [monthsTable(months), ...keySections(tables), ...journalSection(settings, unsettled)],
    },
    detail: {
      months: months.map(toDetail),
      keys: Object.fromEntries(tables.map(({ table, keys }) => [table, keys ?? null])),
    },
    next: commandsAfter(settings, months, unsettled),
    counts: { ...tally, unsettled },
    changed: count('adopted'),
    leftOver: tally.unproven + unsettled,
    ...(error === undefined ? {} : { error }),
  }
}

interface VerifyTally {
  readonly proven: number
  readonly differs: number
  readonly unproven: number
  /** Keys that are in an archive table more than once. */
  readonly doubled: number
  /** Keys that are in both tables. */
  readonly live: number
}

function sumKeys(tables: readonly TableProof[], of: (keys: KeyFindings) => FoundKeys): number {
  return tables.reduce((sum, { keys }) => sum + (keys === undefined ? 0 : of(keys).keys), 0)
}

function errorOf(
  settings: Settings,
  { differs, doubled, live }: VerifyTally,
  months: readonly MonthProof[],
): RowkeeperError | undefined {
  const said = [
    ...(differs === 0
      ? []
      : [`${plural(differs, 'month holds', 'months hold')} other rows than were proven`]),
    ...(doubled === 0 ? [] : [`${plural(doubled, 'key is', 'keys are')} more than once in the archive`]),
    ...(live === 0
      ? []
      : [`${plural(live, 'key is', 'keys are')} both in the archive and in the live table`]),
  ]
  if (said.length === 0) return undefined
  const different = months.find(({ verdict }) => verdict === 'differs')
  return new RowkeeperError({
    code: 'archive.differs',
    message: `The archive was read and compared: ${said.join('; ')}.`,
    hint:
      different === undefined
        ? 'Compare the rows named above and delete those that are wrong; then verify again.'
        : `Compare with a backup. If what is there is right, say so: ${command('verify', settings, different.month)} --adopt`,
    exitCode: exitCodes.failed,
  })
}

const verdicts: Readonly<Record<MonthProof['verdict'], string>> = {
  proven: 'proven',
  adopted: 'adopted',
  differs: 'DIFFERS',
  unproven: 'unproven',
  'under way': 'under way',
  changing: 'changing',
  nothing: 'empty',
}

function monthsTable(months: readonly MonthProof[]): Section {
  return {
    type: 'table',
    title: 'What every month holds',
    columns: [
      { name: 'table', align: 'left' },
      { name: 'month', align: 'left' },
      { name: 'result', align: 'left' },
      { name: 'rows', align: 'right' },
      { name: 'must be', align: 'right' },
      { name: 'because', align: 'left' },
    ],
    rows: months.map(({ table, month, verdict, found, expected, because }) => [
      table.table,
      month,
      verdicts[verdict],
      formatCount(Number(found.rows)),
      expected === undefined ? '' : formatCount(Number(expected.rows)),
      because ?? '',
    ]),
    empty: 'The archive holds nothing yet.',
  }
}

function keySections(tables: readonly TableProof[]): readonly Section[] {
  const lines = tables.flatMap(({ table, keys }) => {
    if (keys === undefined)
      return [`${table}: keys were not compared, since no index of it begins with the key of the live table.`]
    return [
      ...keys.doubled.samples.map((sample) => `${table}: ${sample}`),
      ...keys.live.samples.map((sample) => `${table} and the live table: ${sample}`),
    ]
  })
  return lines.length === 0 ? [] : [{ type: 'lines', title: 'Keys where they must not be', lines }]
}

function journalSection({ job }: Settings, unsettled: number): readonly Section[] {
  if (unsettled === 0) return []
  const batches = plural(unsettled, 'batch', 'batches')
  return [
    {
      type: 'lines',
      title: 'To know',
      lines: [`An earlier run left ${batches} in both tables. The next run of ${job} ends that.`],
    },
  ]
}

function toDetail({ table, month, verdict, because, found, expected }: MonthProof) {
  return {
    table: table.table,
    month,
    verdict,
    because: because ?? null,
    found: digestDetail(found),
    expected: expected === undefined ? null : digestDetail(expected),
  }
}

function digestDetail(digest: Digest) {
  return { rows: Number(digest.rows), digest: describeDigest(digest) }
}

function commandsAfter(
  settings: Settings,
  months: readonly MonthProof[],
  unsettled: number,
): readonly string[] {
  const has = (verdict: MonthProof['verdict']) => months.some((month) => month.verdict === verdict)
  return [
    ...(has('under way') || unsettled > 0 ? [`rowkeeper run ${settings.job}`] : []),
    ...(has('changing') ? [command('verify', settings)] : []),
    ...(has('unproven') ? [`${command('verify', settings)} --adopt`] : []),
  ]
}
