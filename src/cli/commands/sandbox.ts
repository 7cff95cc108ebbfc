import { exitCodes } from '../../lib/errors.ts'
import { readCount, readDuration } from '../read-options.ts'
import type { Handler, Invocation } from '../shell.ts'

export const server: Handler = async (invocation) => {
  const { shell, control, options } = invocation
  const { startSandboxServer } = await import('../../sandbox/server.ts')
  const running = await startSandboxServer({
    family: options.family === 'mysql' ? 'mysql' : 'mariadb',
    clock: shell.clock,
    random: shell.random,
    signal: control.stop,
    environment: shell.process.env,
    say: (line) => void shell.process.stderr.write(`${line}\n`),
  })
  announce(
    invocation,
    { url: running.url, family: running.family, version: running.version, pid: running.pid },
    running.url,
  )
  await untilStopped(invocation)
  await running.stop()
  return exitCodes.done
}

export const provider: Handler = async (invocation) => {
  const { shell, options } = invocation
  const { startProvider } = await import('../../sandbox/provider/server.ts')
  const port = readCount(options.port, '--port')
  const running = await startProvider({
    clock: shell.clock,
    random: shell.random,
    latencyMs: readDuration(options.latency, '--latency') ?? 0,
    ...(port === undefined ? {} : { port }),
    ...(typeof options.token === 'string' ? { token: options.token } : {}),
  })
  announce(invocation, { baseUrl: running.baseUrl }, running.baseUrl)
  await untilStopped(invocation)
  await running.stop()
  return exitCodes.done
}

/** The first line on standard output is for scripts: the address, and nothing else. */
function announce({ shell, globals }: Invocation, document: object, address: string): void {
  shell.process.stdout.write(globals.format === 'json' ? `${JSON.stringify(document)}\n` : `${address}\n`)
  shell.process.stderr.write('runs until stopped with Ctrl-C\n')
}

/** A timer of its own keeps the process alive; the server's sockets alone may not. */
async function untilStopped({ shell, control }: Invocation): Promise<void> {
  const hour = 3_600_000
  while (!control.stop.aborted) await shell.clock.sleep(hour, control.stop).catch(() => {})
}
