import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { listCacheFolders, openCacheFolder } from '../../src/sandbox/cache-folder.ts'

const system = { temporary: '/tmp', userId: 1000 }

describe('listCacheFolders', () => {
  it('prefers XDG_CACHE_HOME, then HOME, and ends under the temporary folder', () => {
    expect(listCacheFolders({ XDG_CACHE_HOME: '/cache', HOME: '/home/ann' }, system)).toEqual([
      '/cache/rowkeeper/servers',
      '/tmp/rowkeeper-servers-1000',
    ])
    expect(listCacheFolders({ HOME: '/home/ann' }, system)[0]).toBe('/home/ann/.cache/rowkeeper/servers')
  })

  it.each([{}, { HOME: '' }, { HOME: '', XDG_CACHE_HOME: 'relative' }])(
    'has only the temporary folder for %j',
    (environment) => {
      expect(listCacheFolders(environment, system)).toEqual(['/tmp/rowkeeper-servers-1000'])
    },
  )
})

describe('openCacheFolder', () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'rowkeeper-test-'))
    vi.stubEnv('TMPDIR', home)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(home, { recursive: true })
  })

  it('makes the folder for its owner alone', () => {
    const folder = openCacheFolder({ HOME: home })
    expect(folder).toBe(join(home, '.cache/rowkeeper/servers'))
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('goes to the temporary folder when HOME cannot hold one', () => {
    expect(openCacheFolder({ HOME: '/dev/null' })).toMatch(/rowkeeper-servers-\d+$/)
  })

  it('does not take a folder that others may write to', () => {
    const folder = join(home, '.cache/rowkeeper/servers')
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, 0o777)
    expect(openCacheFolder({ HOME: home })).not.toBe(folder)
  })
})
