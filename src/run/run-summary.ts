import type { Cell, Row } from '../db/connection.ts'
import { elapsedBetween, fromControlTime } from '../db/date-time.ts'
import { formatCount, formatDuration } from '../lib/units.ts'
import type { Report } from './report.ts'
import type { Counts, ResultDocument, RunState } from './result.ts'

/** One run as the control tables know it. Times are ISO text in UTC, by the database's clock. */
export interface RunSummary {
  readonly runId: string
  /** The database's name in the configuration. */
  readonly database: string
  readonly job: string
  readonly kind: string
  readonly verb: string
  readonly state: RunState
  readonly effect: string
  readonly exitCode: number | null
  /** `user@machine:pid`. */
  readonly holder: string
  readonly startedAt: string
  readonly heartbeatAt: string
  readonly finishedAt: string | null
  readonly counts: Counts
}

export interface RunDetail extends RunSummary {
  /** What the command printed at its end; null while it runs, or when it was lost. */
  readonly result: ResultDocument | null
}

export function toRunSummary(database: string, row: Row): RunSummary {
  return {
    runId: String(row.run_id),
    database,
    job: String(row.job),
    kind: String(row.kind),
    verb: String(row.verb),
    // The ledger's column holds nothing else.
    state: String(row.state) as RunState,
    effect: row.state === 'lost' ? 'unknown' : String(row.effect),
    exitCode: isEmpty(row.exit_code) ? null : Number(row.exit_code),
    holder: String(row.holder),
    startedAt: fromControlTime(String(row.started_at)),
    heartbeatAt: fromControlTime(String(row.heartbeat_at)),
    finishedAt: isEmpty(row.finished_at) ? null : fromControlTime(String(row.finished_at)),
    counts: parseJson<Counts>(row.counts) ?? {},
  }
}

export function toRunDetail(database: string, row: Row): RunDetail {
  return { ...toRunSummary(database, row), result: parseJson<ResultDocument>(row.result) ?? null }
}

/** Both are our own documents, written by the runner. */
function parseJson<T>(cell: Cell | undefined): T | undefined {
  return isEmpty(cell) ? undefined : JSON.parse(String(cell))
}

function isEmpty(cell: Cell | undefined): boolean {
  return cell === null || cell === undefined
}

export function describeRuns(runs: readonly RunSummary[]): Report {
  const lost = runs.filter(({ state }) => state === 'lost')
  const lines = lost.map(({ job, runId }) => `${runId} was lost. ${resumeHint(job)}`)
  return {
    headline: runs.length === 0 ? 'No runs.' : `The latest runs, newest first. Times are UTC.`,
    sections: [
      {
        type: 'table',
        title: 'Runs',
        columns: [
          { name: 'run', align: 'left' },
          { name: 'job', align: 'left' },
          { name: 'verb', align: 'left' },
          { name: 'state', align: 'left' },
          { name: 'exit', align: 'right' },
          { name: 'started', align: 'left' },
          { name: 'took', align: 'right' },
          { name: 'by', align: 'left' },
        ],
        rows: runs.map((run) => [
          run.runId,
          run.job,
          run.verb,
          run.state,
          run.exitCode === null ? '' : String(run.exitCode),
          shortTime(run.startedAt),
          formatDuration(elapsedBetween(run.startedAt, run.finishedAt ?? run.heartbeatAt)),
          run.holder,
        ]),
        empty: 'Nothing has run yet, or it was pruned.',
      },
      ...(lines.length === 0 ? [] : [{ type: 'lines' as const, lines }]),
    ],
  }
}

export function describeRun(run: RunDetail): Report {
  const facts = [
    { label: 'Job', value: `${run.job} (${run.kind}, ${run.verb})` },
    { label: 'State', value: run.state },
    { label: 'Effect', value: run.effect },
    { label: 'Exit code', value: run.exitCode === null ? 'none yet' : String(run.exitCode) },
    { label: 'By', value: run.holder },
    { label: 'Started', value: `${shortTime(run.startedAt)} UTC` },
    { label: 'Last heard of', value: `${shortTime(run.heartbeatAt)} UTC` },
    { label: 'Finished', value: run.finishedAt === null ? 'not yet' : `${shortTime(run.finishedAt)} UTC` },
    ...Object.entries(run.counts).map(([label, count]) => ({ label, value: formatCount(count) })),
  ]
  const { error, warnings = [], next = [] } = run.result ?? {}
  const lines = [
    ...(error === undefined ? [] : error.message.split('\n')),
    ...warnings.map(({ message }) => `Warning: ${message}`),
    ...(run.state === 'lost' ? [resumeHint(run.job)] : next.map((command) => `Next: ${command}`)),
  ]
  return {
    headline: `Run ${run.runId}`,
    sections: [{ type: 'facts', facts }, ...(lines.length === 0 ? [] : [{ type: 'lines' as const, lines }])],
  }
}

function resumeHint(job: string): string {
  return `Its process ended without a word; the next run goes on from its checkpoint: rowkeeper run ${job}`
}

function shortTime(instant: string): string {
  return instant.slice(0, 19).replace('T', ' ')
}
