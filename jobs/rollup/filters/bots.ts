import { isbot } from 'isbot'
import type { RollupConfig } from '../config.ts'
import type { Series } from '../fold/fold.ts'

/** Whose event it is, by what the browser said of itself; nothing said is nothing known, and counts as people. */
export type JudgeAgent = (agent: string | null) => Series

/** Where memory of earlier verdicts is forgotten. A site meets a few thousand agents in a day. */
const REMEMBERED = 10_000

/** By the list of isbot and the words of the configuration, found anywhere and in any case. */
export function createJudge({ bots }: RollupConfig['filters']): JudgeAgent | undefined {
  if (bots === undefined) return undefined
  const words = bots.also.map((word) => word.toLowerCase())
  const verdicts = new Map<string, Series>()
  return (agent) => {
    if (agent === null || agent.trim() === '') return 'people'
    const known = verdicts.get(agent)
    if (known !== undefined) return known
    const verdict = isBot(agent, words) ? 'bots' : 'people'
    if (verdicts.size >= REMEMBERED) verdicts.clear()
    verdicts.set(agent, verdict)
    return verdict
  }
}

function isBot(agent: string, words: readonly string[]): boolean {
  const lower = agent.toLowerCase()
  return isbot(agent) || words.some((word) => lower.includes(word))
}
