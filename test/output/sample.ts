import { Writable } from 'node:stream'
import type { Terminal } from '../../src/output/progress.ts'
import type { TextStyle } from '../../src/output/style.ts'
import type { Report } from '../../src/run/report.ts'
import type { ResultDocument } from '../../src/run/result.ts'

export const plain: TextStyle = { color: false, width: Number.POSITIVE_INFINITY }

export const report: Report = {
  headline: '20,000 rows compared, 312 differ, 298 fixed.',
  sections: [
    {
      type: 'facts',
      facts: [
        { label: 'Table', value: 'shop.payments' },
        { label: 'Service', value: 'pay, 50 requests/s' },
      ],
    },
    {
      type: 'table',
      title: 'Differences',
      columns: [
        { name: 'local', align: 'left' },
        { name: 'remote', align: 'left' },
        { name: 'rows', align: 'right' },
      ],
      rows: [
        ['PENDING', 'paid', '287'],
        ['결제완료', 'refunded', '25'],
      ],
    },
    {
      type: 'table',
      title: 'Review',
      columns: [{ name: 'key', align: 'left' }],
      rows: [],
      empty: 'Nothing waits for a person.',
    },
    {
      type: 'bars',
      title: 'Latency',
      bars: [
        { label: '≤ 10 ms', value: 12_000 },
        { label: '≤ 100 ms', value: 7900, note: 'p99 64 ms' },
        { label: '≤ 1 s', value: 3 },
        { label: 'above', value: 0 },
      ],
    },
    {
      type: 'list',
      title: 'Steps',
      order: 'numbered',
      items: ['look up every payment that is old enough to be compared', 'write'],
    },
    { type: 'list', title: 'Notes', order: 'any', items: ['Nothing <b>waits</b>.'] },
    { type: 'lines', title: 'SQL', lines: ['UPDATE `payments` SET `status` = 1;', 'COMMIT;'] },
  ],
}

export const result: ResultDocument = {
  schemaVersion: 1,
  runId: '019aab12-7cd1-7000-8000-5f0e3c2b1a00',
  job: 'payments',
  kind: 'reconcile',
  verb: 'run',
  dryRun: false,
  status: 'succeeded',
  effect: 'complete',
  exitCode: 0,
  startedAt: '2026-11-22T03:00:00.000Z',
  finishedAt: '2026-11-22T03:00:12.400Z',
  durationMs: 12_400,
  counts: { examined: 20_000, partitionsCreated: 2 },
  detail: {},
  warnings: [],
  next: [],
}

/** A stream that keeps what it is given. `columns` makes it a terminal of that width. */
export function createRecorder(columns?: number): Terminal & { readonly text: () => string } {
  const chunks: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  const terminalParts = columns === undefined ? {} : { isTTY: true, columns }
  return {
    stream: Object.assign(stream, terminalParts) as unknown as NodeJS.WriteStream,
    environment: {},
    color: 'never',
    text: () => chunks.join(''),
  }
}
