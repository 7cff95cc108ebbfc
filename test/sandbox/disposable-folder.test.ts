import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { never } from '../../src/lib/abort.ts'
import { createDisposableFolder, lastLines, runProgram } from '../../src/sandbox/disposable-folder.ts'

let parent: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'rowkeeper-test-'))
})
afterEach(() => rmSync(parent, { recursive: true }))

const shell = (script: string) => ({ command: ['/bin/sh', '-c', script], environment: {} }) as const

describe('createDisposableFolder', () => {
  it('makes a private folder and removes it with what is in it', async () => {
    const folder = await createDisposableFolder(parent, 'data-')
    expect(statSync(folder.path).mode & 0o777).toBe(0o700)
    writeFileSync(join(folder.path, 'file'), '')
    await folder.remove()
    expect(existsSync(folder.path)).toBe(false)
  })

  it('ends the processes and removes the folder when its owner is killed', async () => {
    const owner = spawn(process.execPath, ['--input-type=module', '-e', ownerProgram(compile(parent))])
    const [line] = (await once(owner.stdout, 'data')) as [Buffer]
    const { path, pid } = JSON.parse(line.toString()) as { path: string; pid: number }
    expect(isRunning(pid)).toBe(true)
    owner.kill('SIGKILL')
    await vi.waitFor(() => expect([isRunning(pid), existsSync(path)]).toEqual([false, false]), 5000)
  })
})

describe('runProgram', () => {
  it('gives input, output and the exit code', async () => {
    const folder = await createDisposableFolder(parent, 'data-')
    const result = await runProgram(folder, shell('cat; echo bad >&2; exit 3'), {
      signal: never,
      input: 'in\n',
    })
    expect(result).toEqual({ exitCode: 3, output: 'in\nbad\n' })
    await folder.remove()
  })

  it('rejects for a program that is not there', async () => {
    const folder = await createDisposableFolder(parent, 'data-')
    const program = { command: ['/no/such/program'], environment: {} } as const
    await expect(runProgram(folder, program, { signal: never })).rejects.toThrow('ENOENT')
    await folder.remove()
  })

  it('kills the program on an abort', async () => {
    const folder = await createDisposableFolder(parent, 'data-')
    const signal = AbortSignal.timeout(100)
    await expect(runProgram(folder, shell('exec sleep 60'), { signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    await folder.remove()
  })
})

describe('lastLines', () => {
  it('keeps the end', () => {
    expect(lastLines('a\nb\nc\n', 2)).toBe('b\nc')
  })
})

/** A process of its own is what has to die here, and Node 20 runs no TypeScript. */
function compile(outDir: string): string {
  const root = join(import.meta.dirname, '../..')
  const compilerOptions = {
    outDir,
    rootDir: root,
    incremental: false,
    typeRoots: [join(root, 'node_modules/@types')],
  }
  const files = [join(root, 'src/sandbox/disposable-folder.ts')]
  const project = { extends: join(root, 'tsconfig.build.json'), compilerOptions, files, include: [] }
  writeFileSync(join(outDir, 'tsconfig.json'), JSON.stringify(project))
  writeFileSync(join(outDir, 'package.json'), '{ "type": "module" }')
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['--project', join(outDir, 'tsconfig.json')])
  return join(outDir, 'src/sandbox/disposable-folder.js')
}

function ownerProgram(module: string): string {
  return `
    import { createDisposableFolder } from ${JSON.stringify(module)}
    const folder = await createDisposableFolder(${JSON.stringify(parent)}, 'data-')
    const child = folder.start({ command: ['/bin/sleep', '60'], environment: {} }, 'ignore')
    console.log(JSON.stringify({ path: folder.path, pid: child.pid }))
  `
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
