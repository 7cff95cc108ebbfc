import { z } from 'zod'
import {
  checkText,
  fieldKinds,
  identifier,
  positiveCount,
  positiveDuration,
} from '../../src/config/fields.ts'
import { throttleSchema } from '../../src/config/throttle.ts'
import { findWindowProblem } from './cutover/window.ts'

const statementText = checkText((text) => (text.trim() === '' ? 'must not be empty' : undefined)).register(
  fieldKinds,
  { kind: 'SQL', secrecy: 'plain' },
)

const window = checkText(findWindowProblem).register(fieldKinds, {
  kind: 'times of day and a zone',
  secrecy: 'plain',
})

/** Writers wait behind us for as long as we wait for the lock. */
const LONGEST_LOCK_WAIT_MS = 3000

export const migrateSchema = z
  .strictObject({
    table: identifier.describe('The table to be changed'),
    alter: statementText
      .exactOptional()
      .describe('What stands behind ALTER TABLE: ADD COLUMN note VARCHAR(200) NULL'),
    definition: statementText
      .exactOptional()
      .describe('Instead of alter: the whole CREATE TABLE the table shall have'),
    strategy: z
      .enum(['auto', 'instant', 'inplace', 'copy'])
      .prefault('auto')
      .describe('auto takes the gentlest that the server can do; plan says which and why'),
    workers: positiveCount
      .prefault(2)
      .describe('Chunks copied side by side, at most; fewer when more do not help'),
    chunk: z
      .strictObject({
        rows: positiveCount.prefault(20_000).describe('Rows of one transaction, at most'),
        targetTime: positiveDuration
          .prefault('500ms')
          .describe('Transactions are made smaller when they take longer'),
      })
      .prefault({}),
    cutOver: z
      .strictObject({
        hold: z.boolean().prefault(false).describe('Wait, catching up, until: rowkeeper migrate cut-over'),
        lockWait: positiveDuration
          .refine(
            (milliseconds) => milliseconds <= LONGEST_LOCK_WAIT_MS,
            'must be 3s or less: everybody else waits behind',
          )
          .prefault('3s')
          .describe('How long one attempt to lock the table may wait, and with it every writer'),
        patience: positiveDuration
          .prefault('30m')
          .describe('Attempts go on for so long, with growing pauses between them'),
        window: window.exactOptional().describe('Swap only at these times of day: 02:00-05:00 Asia/Seoul'),
      })
      .prefault({}),
    approveRenames: z
      .boolean()
      .prefault(false)
      .describe('Columns are renamed as plan shows it: values go to the new name'),
    keepOld: z
      .boolean()
      .prefault(true)
      .describe('Keep the retired table, and what is needed to go back, until: rowkeeper migrate finish'),
    throttle: throttleSchema,
  })
  .refine(({ alter, definition }) => (alter === undefined) !== (definition === undefined), {
    message: 'give either alter or definition',
    path: ['alter'],
  })

export type MigrateConfig = z.output<typeof migrateSchema>
