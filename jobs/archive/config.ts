import { z } from 'zod'
import {
  checkText,
  count,
  databaseReference,
  duration,
  fieldKinds,
  identifier,
  period,
  positiveCount,
  positiveDuration,
  predicate,
  timeZone,
} from '../../src/config/fields.ts'
import { throttleSchema } from '../../src/config/throttle.ts'

const folder = checkText((text) =>
  text.trim() === '' ? 'expected the path of a folder, found nothing' : undefined,
).register(fieldKinds, { kind: 'folder', secrecy: 'plain' })

function keepProblem(input: unknown): string {
  return `expected forever, or a period such as 60 months, found ${JSON.stringify(input)}`
}

const child = {
  table: identifier.describe('A table whose rows belong to rows of the table above it'),
  key: z
    .array(identifier)
    .min(1)
    .describe("Its columns that hold the key of the row above, in that key's order"),
  into: identifier.exactOptional().describe('Its archive table; its own name with _archive when absent'),
}

const grandchild = z.strictObject(child)

export const archiveSchema = z.strictObject({
  table: identifier.describe('The live table'),
  age: z.strictObject({
    column: identifier.describe('An index must begin with it'),
    olderThan: period.describe('Rows older than this are moved'),
    timeZone: timeZone
      .exactOptional()
      .describe('The zone in which months begin; the dateTimeZone of the database when absent'),
    unit: z
      .enum(['seconds', 'milliseconds'])
      .exactOptional()
      .describe('For a column of whole numbers since 1970'),
  }),
  where: predicate.prefault('').describe('Further condition on the rows'),
  nullAge: z
    .enum(['keep', 'refuse'])
    .prefault('keep')
    .describe('Rows without an age stay where they are. refuse: nothing is moved while there are any'),
  into: z.strictObject({
    table: identifier.describe('The archive table, made when missing'),
    database: databaseReference
      .exactOptional()
      .describe('The name of an entry under databases; the same one when absent'),
    monthsAhead: count.prefault(3).describe('Empty months kept ready after the newest'),
    keep: z
      .union([z.literal('forever'), period], { error: ({ input }) => keepProblem(input) })
      .register(fieldKinds, { kind: 'forever, or a period', secrecy: 'plain' })
      .prefault('forever')
      .describe('How long a month stays in the archive table'),
    hold: duration
      .prefault('7 days')
      .describe('How long a month that was taken out can be brought back at once; then it is dropped'),
    export: z
      .strictObject({
        folder: folder.describe('Where the files go'),
        format: z.enum(['csv', 'ndjson']).prefault('csv').describe('Compressed with gzip'),
      })
      .exactOptional()
      .describe('Every month is written to a compressed file, read back and compared before it is taken out'),
  }),
  children: z
    .array(z.strictObject({ ...child, children: z.array(grandchild).prefault([]) }))
    .prefault([])
    .describe('Tables that refer to this one: their rows move together with the row they belong to'),
  batch: z
    .strictObject({
      rows: positiveCount.prefault(2000).describe('Rows of one transaction, at most'),
      targetTime: positiveDuration
        .prefault('500ms')
        .describe('Transactions are made smaller when they take longer'),
    })
    .prefault({}),
  throttle: throttleSchema,
})

export type ArchiveConfig = z.output<typeof archiveSchema>
export type ChildConfig = ArchiveConfig['children'][number]
