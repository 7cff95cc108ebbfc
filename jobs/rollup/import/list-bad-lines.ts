import { plural } from '../../../src/lib/units.ts'
import type { PlanContext } from '../../../src/run/context.ts'
import type { VerbResult } from '../../../src/run/job.ts'
import type { Settings } from '../tables.ts'
import { selectBadLines } from './sql.ts'

const SHOWN = 1000

/** Lines that no import could read, with where they stood and why. */
export async function listBadLines(context: PlanContext, { job }: Settings): Promise<VerbResult> {
  const { control, read } = context
  const rows = control.isInstalled
    ? await read((session) => session.rows(selectBadLines(control.schema, { job, limit: SHOWN })))
    : []
  const lines = rows.map(({ name, batch_id: batchId, line, reason, content }) => ({
    file: batchId === null ? String(name) : `batch ${batchId}`,
    line: String(line),
    reason: String(reason),
    content: String(content),
  }))
  const first = lines.length === SHOWN ? 'the first ' : ''
  return {
    report: {
      headline: `${job}: ${first}${plural(lines.length, 'line')} could not be read.`,
      sections: [
        {
          type: 'table',
          title: 'Lines',
          columns: ['file', 'line', 'because', 'content'].map((name) => ({
            name,
            align: name === 'line' ? 'right' : 'left',
          })),
          rows: lines.map(({ file, line, reason, content }) => [file, line, reason, content.slice(0, 120)]),
          empty: 'none',
        },
      ],
    },
    detail: { lines },
    next: [],
    counts: {},
    changed: 0,
    leftOver: 0,
  }
}
