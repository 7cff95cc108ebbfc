import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { unreachable } from '../../src/lib/errors.ts'
import type { StartedCommand } from './cli.ts'

/** The built product with one fault in it; see there. */
export const faultyBinary = fileURLToPath(new URL('./faulty-rowkeeper.mjs', import.meta.url))

/** kill: gone at once · hang: stuck, then killed · throw: an error nobody foresaw · cut: all sessions ended by the server. */
export type Fault = 'kill' | 'hang' | 'throw' | 'cut'

export const faults: readonly Fault[] = ['kill', 'hang', 'throw', 'cut']

export interface FaultCase {
  readonly point: string
  readonly fault: Fault
  /** At the n-th time the point is reached. */
  readonly at: number
}

/** The same run twice: as a process of its own, and in this one. */
export interface Breakable {
  start(options: {
    readonly binary: string
    readonly environment: Readonly<Record<string, string>>
  }): StartedCommand
  run(options: { reach(point: string): Promise<void> }): Promise<unknown>
  /** Ends the sessions of the run in this process. */
  cut(): Promise<void>
}

/**
 * must: a run that ends well without its fault fails the test, which would always pass without. may: what an earlier
 * fault left behind decides how far the run has to go, so it may have nothing to do at the point.
 */
export type Reach = 'must' | 'may'

/** A run with the fault in it. */
export async function breakRun(target: Breakable, broken: FaultCase, reach: Reach = 'must'): Promise<void> {
  switch (broken.fault) {
    case 'kill':
    case 'hang':
      return endProcess(target, broken, reach)
    case 'throw':
      return interrupt(target, broken, reach, async () => {
        throw new Error(`injected at ${broken.point}`)
      })
    case 'cut':
      return interrupt(target, broken, reach, target.cut)
    default:
      return unreachable(broken.fault)
  }
}

async function endProcess(
  { start }: Breakable,
  { point, fault, at }: FaultCase,
  reach: Reach,
): Promise<void> {
  const environment = { ROWKEEPER_FAULT: `${point}:${fault}@${at}` }
  const command = start({ binary: faultyBinary, environment })
  if (fault === 'hang') {
    const said = command.says(`hanging at ${point}`).then(() => command.signal('SIGKILL'))
    await (reach === 'must' ? said : said.catch(() => {}))
  }
  const ended = await command.ended
  if (reach === 'may' && ended.exitCode === 0) return
  expect(ended).toMatchObject({ exitCode: undefined, signal: 'SIGKILL' })
}

async function interrupt(
  { run }: Breakable,
  { point, at }: FaultCase,
  reach: Reach,
  happen: () => Promise<void>,
): Promise<void> {
  let reached = 0
  const running = run({
    async reach(name) {
      if (name !== point) return
      reached += 1
      if (reached === at) await happen()
    },
  })
  // What it comes to is not the question here, and a fault at the very end may leave no result at all.
  await running.catch(() => {})
  if (reach === 'must') expect(reached).toBeGreaterThanOrEqual(at)
}
