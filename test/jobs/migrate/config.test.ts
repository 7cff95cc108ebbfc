import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { migrate } from '../../../jobs/migrate/job.ts'
import { parseConfig } from '../../../src/config/load.ts'

const kinds = [{ kind: migrate.kind, schema: migrate.schema }]

function parse(text: string) {
  return parseConfig({
    text,
    fileName: 'rowkeeper.yaml',
    kinds,
    environment: { SHOP_URL: 'mysql://app@db.example/shop' },
    readSecretFile: () => '',
  })
}

function problemsOf(keys: string): string {
  const job = `{ kind: migrate, database: shop, table: items, ${keys} }`
  try {
    parse(`version: 1\ndatabases: { shop: { url: "mysql://app@db.example/shop" } }\njobs: { wider: ${job} }`)
    return ''
  } catch (error) {
    return String(error)
  }
}

describe('the keys of a migration', () => {
  it('are either an alter or a definition', () => {
    expect(problemsOf('alter: FORCE')).toBe('')
    expect(problemsOf('definition: CREATE TABLE items (id INT)')).toBe('')
    expect(problemsOf('keepOld: true')).toContain('give either alter or definition')
    expect(problemsOf('alter: FORCE, definition: x')).toContain('give either alter or definition')
  })

  it('keep writers waiting for three seconds at most', () => {
    expect(problemsOf('alter: FORCE, cutOver: { lockWait: 3s }')).toBe('')
    expect(problemsOf('alter: FORCE, cutOver: { lockWait: 4s }')).toContain('3s or less')
  })

  it('take a window of times and a zone', () => {
    expect(problemsOf('alter: FORCE, cutOver: { window: "02:00-05:00 Asia/Seoul" }')).toBe('')
    for (const window of ['2-5', '25:00-05:00', '02:00-02:00', '02:00-05:00 Nowhere/City'])
      expect(problemsOf(`alter: FORCE, cutOver: { window: "${window}" }`)).toContain('window')
  })

  it('are as the page on migrate shows them', () => {
    const page = readFileSync('docs/migrate.md', 'utf8')
    const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
    expect(examples.length).toBeGreaterThan(1)
    for (const example of examples) expect(Object.keys(parse(example).config.jobs)).toHaveLength(1)
  })
})
