import { z } from 'zod'
import { positiveCount, positiveDuration } from './fields.ts'

/** What a job that changes many rows waits for; the same keys and defaults in every such job. */
export const throttleSchema = z
  .strictObject({
    maxReplicaLag: positiveDuration.prefault('5s').describe('Looked at when the database names a replica'),
    maxThreadsRunning: positiveCount.prefault(50).describe('Statements at work on the server'),
    maxHistoryLength: positiveCount
      .prefault(1_000_000)
      .describe('Old row versions the server has not yet cleaned up'),
  })
  .prefault({})
  .describe('The run waits while the server is over one of these')

export type ThrottleLimits = z.output<typeof throttleSchema>
