import type { Check } from '../../src/run/job.ts'
import type { MigrateConfig } from './config.ts'

export const checks: readonly Check<MigrateConfig>[] = []
