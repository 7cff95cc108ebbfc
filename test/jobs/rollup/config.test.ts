import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { rollupSchema } from '../../../jobs/rollup/config.ts'
import { initialConfig } from '../../../src/config/init.ts'
import { parseConfig } from '../../../src/config/load.ts'
import { ConfigError } from '../../../src/config/problem.ts'

const job = {
  kind: 'rollup',
  database: 'shop',
  source: { table: 'events', time: 'viewed_at' },
  group: { post_id: 'post_id' },
  measures: { views: 'count' },
  into: { table: 'counts' },
}

function parse(jobs: string) {
  return parseConfig({
    text: `version: 1\ndatabases:\n  shop:\n    url: \${file:url}\njobs:\n${jobs}`,
    fileName: 'rowkeeper.yaml',
    environment: {},
    readSecretFile: () => 'mysql://root@127.0.0.1/shop',
    kinds: [{ kind: 'rollup', schema: rollupSchema }],
  })
}

function problemsOf(own: Readonly<Record<string, unknown>>): string {
  try {
    parse(stringify({ views: { ...job, ...own } }).replaceAll(/^/gm, '  '))
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'none'
}

describe('the configuration of a rollup job', () => {
  it.each([
    [{ measures: { views: 'counts' } }, 'expected count, sum:<column> or unique:<column>, found "counts"'],
    [{ measures: { views: 'sum:' } }, 'a name must not be empty'],
    [{ source: { table: 'events', time: 'at', strategy: 'watermark' } }, 'source.strategy'],
    [{ buckets: { sizes: ['week'] } }, 'buckets.sizes[0]'],
    [{ buckets: { sizes: [] } }, 'buckets.sizes'],
    [{ buckets: { timeZone: 'Mars/Olympus' } }, 'buckets.timeZone'],
    [{ workers: 0 }, 'workers: expected a whole number from 1, found 0'],
    [{ intoo: {} }, 'intoo'],
  ])('refuses %j', (own, problem) => {
    expect(problemsOf(own)).toContain(problem)
  })

  it('reads the example of the first configuration', () => {
    const example = initialConfig().split('# post-views:\n')[1]?.split('\n\n')[0] ?? ''
    const { config } = parse(`  post-views:\n${example.replaceAll(/^ {2}# {3}/gm, '    ')}`)
    expect(Object.keys(config.jobs)).toEqual(['post-views'])
  })

  it('reads every example of its page', () => {
    const page = readFileSync('docs/rollup.md', 'utf8')
    const [first = '', ...parts] = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(
      (match) => match[1] ?? '',
    )
    expect(parse(first.split('jobs:\n')[1] ?? '').config.jobs).toHaveProperty('post-views')
    for (const part of parts) {
      const keys = [...part.matchAll(/^ {4}(\w+):/gm)].map((match) => match[1] ?? '')
      const rest = Object.fromEntries(Object.entries(job).filter(([key]) => !keys.includes(key)))
      const text = `  views:\n${stringify(rest).replaceAll(/^(?=.)/gm, '    ')}${part}`
      expect(Object.keys(parse(text).config.jobs), part).toEqual(['views'])
    }
  })
})
