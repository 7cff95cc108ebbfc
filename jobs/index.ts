import type { Job } from '../src/run/job.ts'
import { archive } from './archive/job.ts'
import { migrate } from './migrate/job.ts'
import { reconcile } from './reconcile/job.ts'
import { rollup } from './rollup/job.ts'

/** Every kind of job there is, in the order of the documentation. */
export const jobs: readonly Job[] = [reconcile, archive, rollup, migrate]
