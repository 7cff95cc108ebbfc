import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One of our own files, as far as the rules of the house can be read from its text. */
export interface SourceFile {
  /** From the root: `src/db/pool.ts`. */
  readonly path: string
  readonly lines: number
  /** Without comments, so that a rule may be named in one. Strings stay. */
  readonly code: string
  /** Neither comments nor strings. */
  readonly words: string
  /** Files of ours, from the root; types count like values. */
  readonly uses: readonly string[]
  /** Names as they are installed: `csv-stringify` for `csv-stringify/sync`, `node:fs` as it is. */
  readonly packages: readonly string[]
}

/** Every TypeScript file below these folders. */
export function readSources(...folders: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap((folder) =>
      readdirSync(folder, { encoding: 'utf8', recursive: true }).map((name) => join(folder, name)),
    )
    .filter((path) => path.endsWith('.ts'))
    .toSorted()
    .map(readSource)
}

function readSource(path: string): SourceFile {
  const text = readFileSync(path, 'utf8')
  const code = text.replace(stringOrComment, (part) => (part.startsWith('/') ? '' : part))
  const names = [...code.matchAll(importedName)].map((match) => match[1] ?? match[2] ?? '')
  return {
    path,
    lines: text.trimEnd().split('\n').length,
    code,
    words: code.replace(stringOrComment, "''").replace(/`[^`]*`/g, '``'),
    uses: names.filter((name) => name.startsWith('.')).map((name) => join(dirname(path), name)),
    packages: names.filter((name) => !name.startsWith('.')).map(packageOf),
  }
}

/** Strings are matched so that a `//` inside one is not taken for a comment; templates are too rare to matter. */
const stringOrComment = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g

/** `import … from 'x'`, `export … from 'x'`, `import 'x'` and `import('x')`. */
const importedName = /^(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*'([^']+)'|\bimport\(\s*'([^']+)'/gm

function packageOf(name: string): string {
  return name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : (name.split('/')[0] ?? name)
}

/** Files that import each other in a circle, each circle once: `a → b → a`. */
export function findCycles(files: readonly SourceFile[]): readonly string[] {
  const uses = new Map(files.map((file) => [file.path, file.uses]))
  const finished = new Set<string>()
  const cycles: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) return void cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
    if (finished.has(path)) return
    for (const used of uses.get(path) ?? []) visit(used, [...trail, path])
    finished.add(path)
  }
  for (const { path } of files) visit(path, [])
  return cycles
}
