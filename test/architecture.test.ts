import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { WriteGrant } from '../src/db/grant.ts'
import type { ReadSession } from '../src/db/session.ts'
import { sql, statement } from '../src/db/statement.ts'
import type { RemoteReader } from '../src/http/remote.ts'
import type { PlanContext } from '../src/run/context.ts'
import { findCycles, readSources, type SourceFile } from './support/source-files.ts'

const files = readSources('bin', 'jobs', 'migrations', 'src')
const tests = readSources('test')

/** `src/db/pool.ts` → `db`, `jobs/reconcile/plan.ts` → `jobs`, `bin/rowkeeper.ts` → `bin`. */
function areaOf(path: string): string {
  const [top = '', second = ''] = path.split('/')
  return top === 'src' ? second : top
}

/** Every breach in one list, so that one run shows them all. */
function breaches(
  find: (file: SourceFile) => readonly string[],
  among: readonly SourceFile[] = files,
): string[] {
  return among.flatMap((file) => find(file).map((breach) => `${file.path}: ${breach}`))
}

describe('imports', () => {
  const everyArea = [...new Set(files.map((file) => areaOf(file.path)))]
  const inSource = everyArea.filter((area) => !['bin', 'jobs', 'migrations'].includes(area))

  /** What each area may import beside itself. */
  const mayUse: Readonly<Record<string, readonly string[]>> = {
    lib: [],
    config: ['lib'],
    db: ['config', 'lib'],
    resilience: ['lib'],
    http: ['resilience', 'lib'],
    engine: ['db', 'lib'],
    run: ['engine', 'db', 'http', 'config', 'lib'],
    output: ['run', 'engine', 'lib'],
    sandbox: ['db', 'lib'],
    cli: inSource,
    jobs: inSource.filter((area) => !['cli', 'output', 'sandbox'].includes(area)),
    migrations: ['db'],
    bin: everyArea,
  }

  it('run one way', () => {
    const wrong = breaches(({ path, uses }) => {
      const own = areaOf(path)
      const allowed = [own, ...(mayUse[own] ?? [])]
      return uses.filter((used) => !allowed.includes(areaOf(used)))
    })
    expect(wrong).toEqual([])
  })

  it('take no more than types from runs into the output', () => {
    const wrong = breaches(({ path, code }) => {
      if (areaOf(path) !== 'output') return []
      return [...code.matchAll(/^import (?!type\b)[^']*'([^']*\/run\/[^']+)'/gm)].map(
        (match) => match[1] ?? '',
      )
    })
    expect(wrong).toEqual([])
  })

  it('never go in a circle, types included', () => {
    expect(findCycles(files)).toEqual([])
  })
})

describe('packages', () => {
  const owners: Readonly<Record<string, RegExp>> = {
    knex: /^(src\/db|migrations)\//,
    mysql2: /^(src\/db|migrations)\//,
    luxon: /^(src\/(db\/date-time|run\/schedule(\.ts$|\/))|jobs\/archive\/partitions\/months)/,
    undici: /^src\/(http|run)\//,
    commander: /^src\/cli\//,
    ora: /^src\/output\//,
    'cli-table3': /^src\/output\//,
    'csv-stringify': /^src\/output\//,
    cron: /^src\/run\/schedule(\.ts$|\/)/,
    'p-limit': /^src\/resilience\//,
    cockatiel: /^src\/resilience\//,
    'lossless-json': /^src\/(http|sandbox)\//,
    uuid: /^src\/lib\/random\.ts$/,
    yaml: /^src\/config\//,
    isbot: /^jobs\/rollup\/filters\//,
    'fastest-levenshtein': /^src\/(config|cli)\//,
  }

  it('are each imported by their owner alone', () => {
    const wrong = breaches(({ path, packages }) =>
      packages.filter((name) => owners[name] !== undefined && !owners[name].test(path)),
    )
    expect(wrong).toEqual([])
  })

  it.each(['commander', 'mysql2', 'knex', 'cron', 'p-limit', 'csv-stringify', 'undici', 'ora'])(
    '%s does real work',
    (name) => {
      expect(files.some(({ packages }) => packages.includes(name))).toBe(true)
    },
  )

  it('runs its tests with vitest', () => {
    expect(tests.some(({ packages }) => packages.includes('vitest'))).toBe(true)
  })

  it('are all declared, and all that are declared are used', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      dependencies: Record<string, string>
    }
    const used = new Set(
      files.flatMap(({ packages }) => packages).filter((name) => !name.startsWith('node:')),
    )
    expect(Object.keys(dependencies).toSorted()).toEqual([...used].toSorted())
  })
})

describe('side effects', () => {
  const clocks = [
    /\bDate\.now\b/,
    /\bnew Date\(\s*\)/,
    /\bMath\.random\b/,
    /\brandom(UUID|Bytes|Int)\b/,
    /(?<!\.)\bset(Timeout|Interval|Immediate)\(/,
    /\bperformance\.now\b/,
    /\bAbortSignal\.timeout\b/,
    /\bDateTime\.(now|local|utc)\(\)/,
    /\bnode:timers\b/,
  ]

  it('reach time and chance through src/lib alone', () => {
    const wrong = breaches(({ path, code }) =>
      areaOf(path) === 'lib' ? [] : clocks.flatMap((clock) => clock.exec(code)?.[0] ?? []),
    )
    expect(wrong).toEqual([])
  })

  it('get the right to write in three places', () => {
    const minting = files.filter(({ path, words }) => /\bmint\(/.test(words) && path !== 'src/db/grant.ts')
    const paths = minting.map(({ path }) => path).filter((path) => !path.startsWith('src/sandbox/'))
    expect(paths).toEqual(['src/run/control-writer.ts', 'src/run/work.ts'])
  })

  it('know neither a dry run nor a test in the jobs and the engine', () => {
    const forbidden = /\b(dryRun|isDryRun|isTest|NODE_ENV|VITEST)\b/
    const wrong = breaches(({ path, code }) =>
      ['jobs', 'engine'].includes(areaOf(path)) ? (forbidden.exec(code)?.slice(0, 1) ?? []) : [],
    )
    expect(wrong).toEqual([])
  })
})

describe('a plan', () => {
  it('that writes does not compile', () => {
    const change = statement('test.change', sql`DELETE FROM payments`)
    const attempts = (context: PlanContext, session: ReadSession, reader: RemoteReader): void => {
      // @ts-expect-error a plan has no transactions
      void context.transact('any', async () => {})
      // @ts-expect-error nor the writing half of a service
      void context.writer
      // @ts-expect-error a reading session changes nothing
      void session.change(change)
      // @ts-expect-error and opens no transaction
      void session.transaction(async () => {})
      // @ts-expect-error a snapshot is no way around it
      void session.snapshot(async (snapshot) => snapshot.change(change))
      // @ts-expect-error a reader posts nothing
      void reader.post({ path: '/payments/1/cancel', body: '{}' })
      // @ts-expect-error and the right to write cannot be put together by hand
      const grant: WriteGrant = { purpose: 'test', isMinted: true }
      void grant
    }
    // The compiler is the test; nothing of it may run.
    expect(attempts).toBeTypeOf('function')
  })
})

describe('files', () => {
  it('use no any', () => {
    expect(
      breaches(({ words }) => (/[:<(,|&=]\s*any\b(?!:)|\bas any\b/.exec(words) ?? []).slice(0, 1)),
    ).toEqual([])
  })

  it('are the six every job has', () => {
    const folders = readdirSync('jobs', { withFileTypes: true }).filter((entry) => entry.isDirectory())
    for (const { name } of folders) {
      expect(readdirSync(`jobs/${name}`), name).toEqual(
        expect.arrayContaining(['job.ts', 'config.ts', 'sql.ts', 'plan.ts', 'execute.ts', 'report.ts']),
      )
    }
  })

  /** Lists without branches, read one entry at a time: the statements of one area, and the contract of a job. */
  const lists = /(^|\/)sql\.ts$|^src\/run\/job\.ts$/

  it('end before 300 lines', () => {
    expect(
      breaches(({ path, lines }) =>
        path.startsWith('src/') && lines > 300 && !lists.test(path) ? [`${lines} lines`] : [],
      ),
    ).toEqual([])
  })

  it('are named in kebab-case', () => {
    expect(files.map(({ path }) => path).filter((path) => !/^[a-z0-9/-]+\.ts$/.test(path))).toEqual([])
  })

  it('export by name', () => {
    expect(breaches(({ words }) => /^export default\b/m.exec(words) ?? [])).toEqual([])
  })
})
