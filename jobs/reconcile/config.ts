import { z } from 'zod'
import {
  count,
  decimalText,
  duration,
  identifier,
  positiveDuration,
  predicate,
  ratio,
} from '../../src/config/fields.ts'

const statusList = z.array(z.string().min(1)).min(1)

/** What a fix writes: a status, or columns with text, numbers, or `now` for the server's time. */
const written = z.union([z.string().min(1), z.record(identifier, z.union([z.string(), z.number()]))])

const action = z.enum(['auto', 'review', 'off'])

export const reconcileSchema = z
  .strictObject({
    table: identifier.describe('The table of local transactions'),
    key: z.array(identifier).min(1).describe('Columns of the primary key, or of another unique key'),
    columns: z.strictObject({
      reference: identifier.describe('What the service knows the payment by on our side: the order id'),
      externalId: identifier.exactOptional().describe("The service's own id, when the table keeps it"),
      status: identifier,
      amount: identifier,
      currency: identifier.exactOptional().describe('Without it only amounts are compared'),
      refunded: identifier.exactOptional().describe('Amount given back so far'),
      createdAt: identifier.describe('An index must begin with it'),
      updatedAt: identifier.exactOptional().describe('Part of every compare-and-set when given'),
      version: identifier.exactOptional().describe('Part of every compare-and-set when given'),
      disputed: identifier.exactOptional().describe('A flag; a row that has it is never changed by itself'),
    }),
    statuses: z
      .strictObject({
        init: statusList.exactOptional(),
        pending: statusList.exactOptional(),
        unknown: statusList.exactOptional(),
        paid: statusList.exactOptional(),
        failed: statusList.exactOptional().describe('Declined, or rolled back on our side'),
        refunding: statusList.exactOptional(),
        refunded: statusList.exactOptional(),
        partial: statusList.exactOptional(),
      })
      .describe('Our statuses by what they mean. A status not listed is never looked at'),
    write: z
      .strictObject({
        paid: written.exactOptional(),
        failed: written.exactOptional(),
        refunded: written.exactOptional(),
        compensated: written
          .exactOptional()
          .describe('Written after a confirmed cancel; without it the row keeps its status'),
      })
      .prefault({})
      .describe('What a fix writes. A class without an entry is left to review'),
    amountUnit: z.enum(['major', 'minor']).prefault('major').describe('12.30 is major, 1230 is minor'),
    settled: z
      .strictObject({
        paid: ratio.prefault('2%'),
        refunded: ratio.prefault('2%'),
        partial: ratio.prefault('2%'),
      })
      .prefault({})
      .describe('How much of what looks settled is looked up too. Failed rows always are'),
    also: z
      .strictObject({
        insertInto: identifier,
        values: z
          .record(identifier, z.string())
          .describe('{key}, {reference}, {fix}, {from} and {to} are filled in'),
      })
      .exactOptional()
      .describe('A row inserted in the transaction of every fix: an outbox'),
    lookBack: positiveDuration.prefault('30 days').describe('How old a row may be'),
    grace: duration
      .prefault('5m')
      .describe('How old a row must be; longer than any call of the application may take'),
    notFoundAfter: duration
      .prefault('24h')
      .describe('A payment the service does not know is believed absent only after this long'),
    where: predicate.prefault('').describe('Further condition on the rows'),
    blockCompensation: predicate
      .prefault('')
      .describe('Rows that are never cancelled at the service: shipped_at IS NOT NULL'),
    actions: z
      .strictObject({
        markPaid: action.prefault('auto'),
        markFailed: action.prefault('auto'),
        markRefunded: action.prefault('auto'),
        compensate: action.prefault('review'),
      })
      .prefault({})
      .describe('auto: done by the run. review: proposed to a person. off: only reported'),
    limits: z
      .strictObject({
        maxFixes: count.prefault(500).describe('Changed rows and cancels together'),
        maxChangedRatio: ratio
          .prefault(0.05)
          .describe('Changes to settled rows and cancels, as a share of the rows compared; from 20 rows on'),
        maxAmount: z
          .record(z.string(), decimalText)
          .prefault({})
          .describe('Amount cancelled without a person, by currency, in major units'),
      })
      .prefault({})
      .describe('For one run. A run that reaches one stops changing'),
  })
  .superRefine((config, context) => {
    if (Object.keys(config.statuses).length === 0) {
      context.addIssue({
        code: 'custom',
        path: ['statuses'],
        message: 'names no status, so there is nothing to look at',
      })
    }
    for (const [localClass, sources] of duplicates(config.statuses)) {
      context.addIssue({
        code: 'custom',
        path: ['statuses'],
        message: `${JSON.stringify(localClass)} stands under ${sources.join(' and ')}`,
      })
    }
  })

export type ReconcileConfig = z.output<typeof reconcileSchema>

/** Raw statuses that stand under more than one class, with those classes. */
function duplicates(statuses: Readonly<Record<string, readonly string[] | undefined>>): [string, string[]][] {
  const classes = new Map<string, string[]>()
  for (const [localClass, raws] of Object.entries(statuses)) {
    for (const raw of raws ?? []) classes.set(raw, [...(classes.get(raw) ?? []), localClass])
  }
  return [...classes].filter(([, sources]) => sources.length > 1)
}
