import { expect, test } from 'vitest'
import { environment, parse, sample, sampleWith } from './sample.ts'

const bearer = (text: string, token: string, files = {}) =>
  parse(text, { environment: { ...environment, PAY_TOKEN: token }, files }).config.services.pay?.auth

test.each([
  ['another reference', `\${env:SHOP_URL}`],
  ['YAML', 'x\nservices: { evil: 1 } # "\''],
  ['a dollar pattern', '$& $1 $$'],
])('a value that looks like %s is taken as it is', (_, token) => {
  expect(bearer(sample, token)).toEqual({ bearer: token })
})

test('a file gives its text without the last line break', () => {
  const text = sample.replace(`\${env:PAY_TOKEN}`, `v1-\${file:/run/secrets/token}`)
  expect(bearer(text, '', { '/run/secrets/token': 'one\ntwo\r\n' })).toEqual({ bearer: 'v1-one\ntwo' })
})

test('an optional replica is absent while its variable is', () => {
  const text = sample.replace('dateTimeZone: Asia/Seoul', `replica: "\${env:REPLICA:-}"`)
  expect(parse(text).config.databases.shop?.replica).toBeUndefined()
  const url = 'mysql://app:other-word@127.0.0.1:3307/shop'
  expect(parse(text, { environment: { ...environment, REPLICA: url } }).config.databases.shop?.replica).toBe(
    url,
  )
})

test('the redactor knows fetched secrets, and lets fetched names pass', () => {
  const text = sampleWith(`where: "owner = '\${env:OWNER}'"`).replace(
    'table: payments',
    `table: \${env:TABLE}`,
  )
  const { redact } = parse(text, { environment: { ...environment, TABLE: 'payments', OWNER: 'north' } })
  expect(redact('tok_live_abcdef, s3cr3t-word, payments')).toBe('***, ***, payments')
})

test('problems never repeat a secret', () => {
  const wrong = { ...environment, SHOP_URL: 'postgres://app:s3cr3t-word@127.0.0.1/shop', PAY_TOKEN: 'abcd' }
  const text = sample.replace(`{ bearer: "\${env:PAY_TOKEN}" }`, `"\${env:PAY_TOKEN}"`)
  let message = ''
  try {
    parse(text, { environment: wrong })
  } catch (error) {
    message = String(error)
  }
  expect(message).toContain('databases.shop.url: The database URL does not begin with mysql://')
  expect(message).toContain('services.pay.auth: expected a mapping, found "***"')
  expect(message).not.toContain('s3cr3t')
})
