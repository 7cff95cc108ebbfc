import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { never } from '../../src/lib/abort.ts'
import { familyOf, findInstalledBinary, listCandidates } from '../../src/sandbox/server-binary.ts'

const mariadbText = 'mysqld  Ver 10.11.18-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)'
const mysqlText = '/usr/sbin/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))'

describe('listCandidates', () => {
  it('asks ROWKEEPER_SERVER first, then PATH in its order, then /usr/sbin', () => {
    const environment = { ROWKEEPER_SERVER: '/opt/my/mysqld', PATH: '/b:/a' }
    expect(listCandidates('mysql', environment)).toEqual([
      '/opt/my/mysqld',
      '/b/mysqld',
      '/a/mysqld',
      '/usr/sbin/mysqld',
    ])
  })

  it('knows both names of the MariaDB server', () => {
    expect(listCandidates('mariadb', { PATH: '/usr/sbin' })).toEqual([
      '/usr/sbin/mariadbd',
      '/usr/sbin/mysqld',
    ])
  })

  it('skips what is installed when a download is asked for', () => {
    expect(listCandidates('mariadb', { ROWKEEPER_SERVER: 'download', PATH: '/usr/sbin' })).toEqual([])
  })

  it('never looks into the working directory', () => {
    expect(listCandidates('mysql', { PATH: ':.:bin' })).toEqual(['/usr/sbin/mysqld'])
  })
})

describe('familyOf', () => {
  it.each([
    [mariadbText, 'mariadb'],
    [mysqlText, 'mysql'],
    ['GNU bash, version 5.2', undefined],
  ])('tells from %j', (text, family) => {
    expect(familyOf(text)).toBe(family)
  })
})

describe('findInstalledBinary', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rowkeeper-test-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const writeProgram = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\n${text}\n`)
    chmodSync(path, 0o755)
    return path
  }

  it('takes mysqld for what it says it is', async () => {
    const path = writeProgram('mysqld', `echo '${mariadbText}'`)
    const found = await findInstalledBinary('mariadb', { PATH: folder }, never)
    expect(found).toMatchObject({ family: 'mariadb', command: [path], unpacked: false })
    expect((await findInstalledBinary('mysql', { PATH: folder }, never))?.command).not.toEqual([path])
  })

  it('passes over a named server of the other family', async () => {
    const named = writeProgram('mariadbd', `echo '${mariadbText}'`)
    const path = writeProgram('mysqld', `echo '${mysqlText}'`)
    const environment = { ROWKEEPER_SERVER: named, PATH: folder }
    expect((await findInstalledBinary('mysql', environment, never))?.command).toEqual([path])
  })

  it('refuses a named server that does not run, and says what to do', async () => {
    const environment = { ROWKEEPER_SERVER: writeProgram('mysqld', 'exit 1'), PATH: '' }
    await expect(findInstalledBinary('mysql', environment, never)).rejects.toMatchObject({
      code: 'sandbox.serverNotRunnable',
      exitCode: 78,
      hint: expect.stringContaining('unset ROWKEEPER_SERVER'),
    })
  })

  it('stops at once when asked to', async () => {
    writeProgram('mysqld', 'exec sleep 60')
    const signal = AbortSignal.timeout(100)
    await expect(findInstalledBinary('mysql', { PATH: folder }, signal)).rejects.toMatchObject({
      name: 'TimeoutError',
    })
  })
})
