import type { Verb } from '../../../src/run/job.ts'
import type { RollupConfig } from '../config.ts'

export const rollupVerbs: readonly Verb<RollupConfig>[] = []
