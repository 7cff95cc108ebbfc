import { expect, test } from 'vitest'
import { showConfig } from '../../src/config/show.ts'
import { environment, parse, sample, sampleWith } from './sample.ts'

test('every value is shown as it is written, with its source', () => {
  const rows = new Map(showConfig(parse(sample)).map((row) => [row.path, [row.value, row.source]]))
  expect(rows.get('databases.shop.url')).toEqual(['mysql://app:***@127.0.0.1:3306/shop', 'env SHOP_URL'])
  expect(rows.get('services.pay.auth.bearer')).toEqual(['***', 'env PAY_TOKEN'])
  expect(rows.get('jobs.payments.grace')).toEqual(['10m', 'rowkeeper.yaml:20'])
  expect(rows.get('jobs.payments.limits.maxRows')).toEqual([500, 'default'])
  expect(rows.get('services.pay.timeouts.total')).toEqual(['15s', 'default'])
})

test('every value in force has a source', () => {
  expect(showConfig(parse(sample)).filter(({ source }) => source === '')).toEqual([])
})

/** The job writes to a second database too. */
const withSecond = sampleWith('into: { database: cold }').replace(
  'services:',
  `  cold: { url: "\${env:COLD_URL}" }\nservices:`,
)
const coldUrl = (host: string) => ({ COLD_URL: `mysql://app:pw@${host}:3306/cold` })

const hashOf = (text: string, changed: NodeJS.ProcessEnv = {}) =>
  parse(text, { environment: { ...environment, ...changed } }).config.hash('payments')

test.each([
  [
    'comments and order',
    hashOf(sample.replace('grace: 10m\n', '').replace('    kind', '    # note\n    grace: 10m\n    kind')),
  ],
  ['a default written out', hashOf(sampleWith('share: 2%'))],
  ['a new token', hashOf(sample, { PAY_TOKEN: 'tok_live_other' })],
  ['a new password', hashOf(sample, { SHOP_URL: 'mysql://app:another-word@127.0.0.1:3306/shop' })],
  ['another job', hashOf(`${sample}  more: { kind: sweep, database: shop, table: x }\n`)],
])('%s leave the hash of a job as it is', (_, hash) => {
  expect(hash).toBe(hashOf(sample))
  expect(hash).toMatch(/^[0-9a-f]{64}$/)
})

test.each([
  ['a key of the job', hashOf(sample.replace('10m', '11m'))],
  ['a key of its service', hashOf(sample.replace('PENDING: pending', 'PENDING: paid'))],
  ['the host of its database', hashOf(sample, { SHOP_URL: 'mysql://app:s3cr3t-word@127.0.0.2:3306/shop' })],
])('%s changes the hash of a job', (_, hash) => {
  expect(hash).not.toBe(hashOf(sample))
})

test('the host of its second database changes it too, its password does not', () => {
  const hash = hashOf(withSecond, coldUrl('127.0.0.2'))
  expect(hashOf(withSecond, coldUrl('127.0.0.3'))).not.toBe(hash)
  expect(hashOf(withSecond, { COLD_URL: 'mysql://app:other@127.0.0.2:3306/cold' })).toBe(hash)
})

test('a job that is not there has no hash', () => {
  expect(() => parse(sample).config.hash('none')).toThrow('no job of this name')
})
