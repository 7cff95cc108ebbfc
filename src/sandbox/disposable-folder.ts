import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { join } from 'node:path'

export interface Program {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]]
  readonly environment: NodeJS.ProcessEnv
}

/**
 * A private folder (mode 0700) and the processes that work in it. Both go when `remove` is called, and also
 * when this process has ended in any other way, kill -9 included.
 */
export interface DisposableFolder {
  readonly path: string
  /** Starts a process in a session of its own, so that Ctrl-C in a terminal reaches only us. */
  start(program: Program, stdio: StdioOptions): ChildProcess
  remove(): Promise<void>
}

// A shell that sleeps in `read` on a pipe from us. The kernel closes the pipe however we end, which an `exit`
// handler (no kill -9) or PR_SET_PDEATHSIG (Linux only) would not give.
const guardScript = `read -r line
[ "$line" = released ] && exit 0
for file in "$1"/*.pid; do [ -e "$file" ] && kill -9 "$(cat "$file")"; done
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }`

/** Makes a folder with a fresh name that starts with `prefix`, inside `parent`, which is made when it is missing. */
export async function createDisposableFolder(parent: string, prefix: string): Promise<DisposableFolder> {
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const path = mkdtempSync(join(parent, prefix))
  const release = startGuard(path)
  const remove = async () => {
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
    release()
  }
  return { path, remove, start: (program, stdio) => startTracked(path, program, stdio) }
}

function startGuard(path: string): () => void {
  const guard = spawn('/bin/sh', ['-c', guardScript, 'rowkeeper-guard', path], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.unref()
  guard.on('error', () => {})
  guard.stdin.on('error', () => {})
  // A pipe to a child is a socket, which the types do not say. Ours must not keep the process alive.
  ;(guard.stdin as unknown as Socket).unref()
  return () => guard.stdin.end('released\n')
}

function startTracked(folder: string, program: Program, stdio: StdioOptions): ChildProcess {
  const [path, ...rest] = program.command
  const child = spawn(path, rest, { cwd: folder, detached: true, env: program.environment, stdio })
  // One that could not be started shows by its missing pid; without a listener the event would end us.
  child.on('error', () => {})
  if (child.pid === undefined) return child
  const pidFile = join(folder, `${child.pid}.pid`)
  writeFileSync(pidFile, `${child.pid}`)
  child.once('exit', () => rmSync(pidFile, { force: true }))
  return child
}

export interface ProgramResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null
  /** stdout and stderr, in the order they came. */
  readonly output: string
}

/** Runs a program to its end. `input` goes to its stdin. An abort kills it and rejects with the signal's reason. */
export function runProgram(
  folder: DisposableFolder,
  program: Program,
  { signal, input = '' }: { readonly signal: AbortSignal; readonly input?: string },
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const child = folder.start(program, ['pipe', 'pipe', 'pipe'])
    const chunks: Buffer[] = []
    const onAbort = () => child.kill('SIGKILL')
    signal.addEventListener('abort', onAbort, { once: true })
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', reject)
    child.once('close', (exitCode) => {
      signal.removeEventListener('abort', onAbort)
      if (signal.aborted) return reject(signal.reason)
      resolve({ exitCode, output: Buffer.concat(chunks).toString() })
    })
    // A program that dies before it has read everything breaks the pipe; its exit code tells.
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}

/** The end of a program's talk, for an error message. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
