import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Measured {
  readonly milliseconds: number
  readonly cpuMilliseconds: number
  /** Peak resident memory of the process. */
  readonly maximumMegabytes: number
  readonly exitCode?: number
  /** What the product's own result document says, without the start of the process. */
  readonly runMilliseconds?: number
  /** Of the same document, as the kind of job writes it. */
  readonly detail?: unknown
}

export function startChild(script: string, words: readonly string[]): ChildProcess {
  const path = fileURLToPath(new URL(`./${script}`, import.meta.url))
  return fork(path, [...words], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
}

/** The child's one message. Rejects when it dies without one. */
export function awaitMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T))
    child.once('exit', (code) =>
      reject(new Error(`${child.spawnargs.join(' ')} ended with ${code} and said nothing`)),
    )
  })
}

export async function measure(script: string, words: readonly string[]): Promise<Measured> {
  const child = startChild(script, words)
  let printed = ''
  child.stdout?.on('data', (text) => {
    printed += text
  })
  const closed = new Promise((resolve) => child.once('close', resolve))
  const measured = await awaitMessage<Measured>(child)
  await closed
  const document = printed.startsWith('{') ? JSON.parse(printed) : {}
  return {
    ...measured,
    ...(document.durationMs === undefined
      ? {}
      : { runMilliseconds: document.durationMs, detail: document.detail }),
  }
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
