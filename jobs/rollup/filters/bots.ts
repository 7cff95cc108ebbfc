import type { Series } from '../fold/fold.ts'

/** Whose event it is, by what the browser said of itself; nothing said is nothing known, and counts as people. */
export type JudgeAgent = (agent: string | null) => Series
