/** One package archive, as apt's own configuration names it. */
export interface AptArchive {
  readonly uri: string
  readonly suite: string
  readonly components: readonly string[]
  /** The path of a key ring, or a whole key as an indented block. */
  readonly signedBy: string | undefined
}

/**
 * The binary archives of one sources file, in either form: one line each (`deb [signed-by=…] URI suite main`)
 * or deb822 stanzas (`Types: deb`). What is commented out or disabled is left out.
 */
export function parseAptSources(text: string): readonly AptArchive[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'))
  if (!lines.some((line) => /^Types:/i.test(line))) return lines.flatMap(parseLine)
  return lines
    .join('\n')
    .split(/\n[ \t]*\n/)
    .flatMap(parseStanza)
}

function parseLine(line: string): AptArchive[] {
  const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)((?:\s+[^\s#]+)*)/.exec(line)
  const [, options = '', uri, suite, components = ''] = match ?? []
  if (uri === undefined || suite === undefined) return []
  const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1]
  return [{ uri, suite, components: splitWords(components), signedBy }]
}

function parseStanza(stanza: string): AptArchive[] {
  const fields = new Map(
    [...stanza.matchAll(/^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)].map(([, name = '', value = '']) => [
      name.toLowerCase(),
      value.trimEnd(),
    ]),
  )
  const words = (name: string) => splitWords(fields.get(name) ?? '')
  if (!words('types').includes('deb') || /^no$/i.test(fields.get('enabled') ?? '')) return []
  const components = words('components')
  const signedBy = fields.get('signed-by')
  return words('uris').flatMap((uri) =>
    words('suites').map((suite) => ({ uri, suite, components, signedBy })),
  )
}

function splitWords(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '')
}

/**
 * The machine's main archive: the one that carries its own release, not a vendor's, the updates' or the
 * security fixes'.
 *
 * @param codename of the release (`bookworm`), from os-release
 */
export function findMainArchive(
  archives: readonly AptArchive[],
  codename: string | undefined,
): AptArchive | undefined {
  const suites = [codename, 'stable', 'oldstable', 'testing', 'unstable', 'sid']
  return archives.find(
    ({ uri, suite, components }) =>
      !uri.startsWith('cdrom:') && suites.includes(suite) && components.includes('main'),
  )
}

/** The text of a `.sources` file for another suite of the same archive, signed with the same key. */
export function formatSuiteSource(archive: AptArchive, suite: string): string {
  const lines = ['Types: deb', `URIs: ${archive.uri}`, `Suites: ${suite}`, 'Components: main']
  const signature = archive.signedBy === undefined ? [] : [`Signed-By: ${archive.signedBy}`]
  return [...lines, ...signature, ''].join('\n')
}
