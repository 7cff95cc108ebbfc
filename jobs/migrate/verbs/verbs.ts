import type { Verb } from '../../../src/run/job.ts'
import type { MigrateConfig } from '../config.ts'

export const migrateVerbs: readonly Verb<MigrateConfig>[] = []
