import { describe, expect, it } from 'vitest'
import { findMainArchive, formatSuiteSource, parseAptSources } from '../../src/sandbox/apt-sources.ts'

const stanzas = `
# made by the installer
Types: deb
# a snapshot of the same would be at http://snapshot.example/debian
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/main.gpg

Types: deb deb-src
URIs: http://archive.example/security
Suites: bookworm-security
Components: main

Enabled: no
Types: deb
URIs: http://vendor.example/apt
Suites: bookworm
Components: main

Types: deb-src
URIs: http://archive.example/debian
Suites: bookworm
Components: main
`

const lines = `
deb cdrom:[Installation medium]/ bookworm main
# deb http://archive.example/old bookworm main
deb-src http://archive.example/debian bookworm main
deb [arch=amd64 signed-by=/etc/apt/keyrings/vendor.gpg] https://vendor.example/node nodistro main
deb [ signed-by=/usr/share/keyrings/main.gpg ] http://archive.example/debian bookworm main contrib # the main one
deb http://archive.example/debian bookworm-updates main
`

describe('parseAptSources', () => {
  it('reads every suite of the enabled binary stanzas', () => {
    const archives = parseAptSources(stanzas)
    expect(archives.map(({ suite }) => suite)).toEqual(['bookworm', 'bookworm-updates', 'bookworm-security'])
    expect(archives[0]).toEqual({
      uri: 'http://archive.example/debian',
      suite: 'bookworm',
      components: ['main', 'contrib'],
      signedBy: '/usr/share/keyrings/main.gpg',
    })
  })

  it('reads one-line entries with and without options', () => {
    expect(parseAptSources(lines)).toContainEqual({
      uri: 'https://vendor.example/node',
      suite: 'nodistro',
      components: ['main'],
      signedBy: '/etc/apt/keyrings/vendor.gpg',
    })
    expect(parseAptSources(lines).at(-1)).toEqual({
      uri: 'http://archive.example/debian',
      suite: 'bookworm-updates',
      components: ['main'],
      signedBy: undefined,
    })
  })

  it('keeps a key that is written into the stanza whole', () => {
    const key = ' -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mDMEY\n -----END PGP PUBLIC KEY BLOCK-----'
    const text = `Types: deb\nURIs: http://archive.example/debian\nSuites: stable\nComponents: main\nSigned-By:\n${key}\n`
    expect(parseAptSources(text)[0]?.signedBy).toBe(`\n${key}`)
  })

  it('finds nothing in an empty file', () => {
    expect(parseAptSources('')).toEqual([])
  })
})

describe('findMainArchive', () => {
  it.each([
    ['stanzas', stanzas],
    ['lines', lines],
  ])('takes the archive of the release itself from %s', (_form, text) => {
    const archive = findMainArchive(parseAptSources(text), 'bookworm')
    expect(archive).toMatchObject({ uri: 'http://archive.example/debian', suite: 'bookworm' })
  })

  it('finds none where only vendors are listed', () => {
    const vendor = 'deb https://vendor.example/node nodistro main'
    expect(findMainArchive(parseAptSources(vendor), 'bookworm')).toBeUndefined()
  })
})

describe('formatSuiteSource', () => {
  it('names the other suite of the same archive, signed with the same key', () => {
    const [archive] = parseAptSources(stanzas)
    expect(archive && formatSuiteSource(archive, 'unstable')).toBe(`Types: deb
URIs: http://archive.example/debian
Suites: unstable
Components: main
Signed-By: /usr/share/keyrings/main.gpg
`)
  })

  it('leaves the key to apt when the source names none', () => {
    const archive = {
      uri: 'http://archive.example/debian',
      suite: 'stable',
      components: [],
      signedBy: undefined,
    }
    expect(formatSuiteSource(archive, 'unstable')).not.toContain('Signed-By')
  })
})
