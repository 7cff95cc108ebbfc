import { z } from 'zod'
import {
  checkText,
  duration,
  fieldKinds,
  identifier,
  positiveCount,
  positiveDuration,
  timeZone,
} from '../../src/config/fields.ts'
import { throttleSchema } from '../../src/config/throttle.ts'
import { bucketSizes } from './buckets/sizes.ts'
import { findMeasureProblem } from './measures.ts'

const measure = checkText(findMeasureProblem).register(fieldKinds, {
  kind: 'count, sum:<column> or unique:<column>',
  secrecy: 'plain',
})

const columnByColumn = z.record(identifier, identifier)

const source = z.strictObject({
  table: identifier.describe('The table the application writes events to, one row for each'),
  strategy: z
    .enum(['auto', 'consume', 'rotate', 'recompute'])
    .prefault('auto')
    .describe('How events are read; plan says which guarantee each gives. See the page on rollup'),
  key: z
    .union([identifier, z.array(identifier).min(1)])
    .prefault('id')
    .describe('What tells one event from another: the primary key'),
  time: identifier.describe('When the event happened: DATETIME, TIMESTAMP, or whole numbers since 1970'),
  unit: z
    .enum(['seconds', 'milliseconds'])
    .exactOptional()
    .describe('For a time of whole numbers since 1970'),
  hold: duration
    .prefault('0 days')
    .describe('rotate: how long a counted table of events is kept before it is dropped'),
  last: positiveCount
    .prefault(3)
    .describe('recompute: so many of the smallest buckets are counted anew, the running one among them'),
})

const text = z.string().min(1).register(fieldKinds, { kind: 'text', secrecy: 'plain' })

const pattern = checkText((source) => {
  try {
    new RegExp(source)
    return undefined
  } catch (error) {
    return `expected a regular expression: ${error instanceof Error ? error.message : error}`
  }
}).register(fieldKinds, { kind: 'regular expression', secrecy: 'plain' })

const lines = z.strictObject({
  format: z
    .enum(['combined', 'ndjson', 'csv'])
    .describe('combined: a web log of Apache or nginx; ndjson: one JSON object per line; csv: with a header'),
  time: text
    .exactOptional()
    .describe('The field with the time; the time of the line for combined, else the time of the source'),
  fields: z
    .record(identifier, text)
    .prefault({})
    .describe(
      'Column of the event: field of the line, or a JSON pointer such as /request/uri; its own name when absent',
    ),
  match: z
    .record(text, pattern)
    .prefault({})
    .describe('Field: what it must match; its first group is the value. Other lines are no events'),
  where: z
    .record(text, z.array(text).min(1))
    .prefault({})
    .describe('Field: the values that count. Other lines are no events'),
})

export const rollupSchema = z.strictObject({
  source: source
    .exactOptional()
    .describe('The table that events are read from; a job that only imports files has none'),
  lines: lines.exactOptional().describe('How lines of files are read by rowkeeper rollup import'),
  group: columnByColumn.describe('What is counted by: column of the counter table: column of the event'),
  measures: z
    .record(identifier, measure)
    .describe('Column of the counter table: what it holds. unique counts different values, such as viewers'),
  uniques: z
    .enum(['exact', 'estimated'])
    .prefault('exact')
    .describe('exact remembers every value; estimated keeps a sketch of 2 KiB, right to about 2.3 %'),
  buckets: z
    .strictObject({
      sizes: z
        .array(z.enum(bucketSizes))
        .min(1)
        .prefault(['hour', 'day', 'month'])
        .describe('Lengths of time that are counted'),
      timeZone: timeZone
        .exactOptional()
        .describe('The zone in which days begin; the dateTimeZone of the database when absent'),
    })
    .prefault({}),
  into: z.strictObject({ table: identifier.describe('The counter table, made when missing') }),
  total: z
    .strictObject({
      table: identifier.describe("The objects' own table"),
      key: identifier.prefault('id').describe('Its key'),
      of: identifier
        .exactOptional()
        .describe('The column under group that holds this key; the first one when absent'),
      columns: columnByColumn.describe('Column of that table: the measure it is the running total of'),
    })
    .exactOptional()
    .describe('A running total on the objects themselves'),
  filters: z
    .strictObject({
      bots: z
        .strictObject({
          column: identifier.describe('The column of the event that holds the user agent'),
          also: z
            .array(z.string().min(1).register(fieldKinds, { kind: 'text', secrecy: 'plain' }))
            .prefault([])
            .describe('Further words that give a bot away, beside the list that comes along'),
        })
        .exactOptional()
        .describe('Events of bots are counted as a series of their own, and not in totals'),
      repeats: z
        .strictObject({
          viewer: identifier.describe('The column of the event that says who it was'),
          window: positiveDuration.describe(
            'The same viewer counts once for an object in so much time, from midnight on: minutes that divide the smallest bucket',
          ),
        })
        .exactOptional()
        .describe('Repeated views are not counted'),
    })
    .prefault({})
    .describe('What is not counted, or counted apart'),
  remember: positiveDuration
    .prefault('7 days')
    .describe(
      'For so long after a window or bucket is over, what was seen in it is kept: a later event counts as new. For repeats and exact uniques',
    ),
  batch: z
    .strictObject({
      rows: positiveCount.prefault(100_000).describe('Events of one transaction, at most'),
      targetTime: positiveDuration
        .prefault('2s')
        .describe('Transactions are made smaller when they take longer'),
    })
    .prefault({}),
  workers: positiveCount.prefault(2).describe('Transactions side by side'),
  throttle: throttleSchema,
})

export type RollupConfig = z.output<typeof rollupSchema>
