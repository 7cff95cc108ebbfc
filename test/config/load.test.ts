import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { ConfigError } from '../../src/config/problem.ts'
import { environment, failureOf, parse, sample, sampleWith, sweepKind } from './sample.ts'

const bomb = [
  'version: 1',
  'a: &a [x,x,x,x,x,x,x,x,x,x]',
  'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]',
  'c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]',
  'd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]',
].join('\n')

const refused: readonly (readonly [name: string, text: string, line: string])[] = [
  ['an unknown key', sampleWith('grcae: 5m'), '21 jobs.payments.grcae: unknown key; did you mean "grace"?'],
  [
    'an unknown key that looks like no other',
    sampleWith('zzzzz: 5m'),
    '21 jobs.payments.zzzzz: unknown key; known keys: kind, schedule, database, service, table, grace, share, where, limits, into, mode, dryAtNight',
  ],
  [
    'a key in snake_case',
    sampleWith('dry_at_night: true'),
    '21 jobs.payments.dry_at_night: unknown key; did you mean "dryAtNight"?',
  ],
  ['a key written twice', sampleWith('grace: 5m'), '21 this key stands twice in the same mapping'],
  [
    'two jobs of one name',
    `${sample}  payments:\n    kind: sweep\n`,
    '21 this key stands twice in the same mapping',
  ],
  ['a wrong type', sampleWith('limits: 5'), '21 jobs.payments.limits: expected a mapping, found 5'],
  [
    'a key without a value',
    sampleWith('limits:'),
    '21 jobs.payments.limits: has no value; expected a mapping',
  ],
  [
    'a number where text belongs',
    sampleWith('where: 5'),
    '21 jobs.payments.where: expected text, found 5; put it in quotes: "5"',
  ],
  [
    'a duration without a unit',
    sample.replace('10m', '600'),
    '20 jobs.payments.grace: durations carry a unit: write 600s',
  ],
  [
    'a duration without a unit, as text',
    sample.replace('10m', '"600"'),
    '20 jobs.payments.grace: durations carry a unit: write 600s',
  ],
  [
    'a calendar duration',
    sample.replace('10m', '2 months'),
    '20 jobs.payments.grace: months and years have no fixed length: write days, such as 30 days',
  ],
  [
    'a negative duration',
    sample.replace('10m', '-5s'),
    '20 jobs.payments.grace: expected a duration such as 500ms, 5s, 10m, 24h or 30 days, found "-5s"',
  ],
  [
    'a negative count',
    sampleWith('limits: { maxRows: -1 }'),
    '21 jobs.payments.limits.maxRows: expected a whole number from 0, found -1',
  ],
  [
    'a count with a fraction',
    sampleWith('limits: { maxRows: 1.5 }'),
    '21 jobs.payments.limits.maxRows: expected a whole number from 0, found 1.5',
  ],
  [
    '.nan',
    sampleWith('limits: { maxRows: .nan }'),
    '21 jobs.payments.limits.maxRows: expected a number or text, found NaN',
  ],
  [
    '1e400',
    sampleWith('limits: { maxRows: 1e400 }'),
    '21 jobs.payments.limits.maxRows: expected a number or text, found Infinity',
  ],
  [
    'a count larger than a float can hold',
    sampleWith('limits: { maxRows: 9007199254740993 }'),
    '21 jobs.payments.limits.maxRows: expected a whole number from 0, found "9007199254740993"',
  ],
  [
    'a pool of 0',
    sample.replace('dateTimeZone: Asia/Seoul', 'poolSize: 0'),
    '5 databases.shop.poolSize: expected a whole number from 1, found 0',
  ],
  [
    'a time-out of nothing',
    sample.replace('dateTimeZone: Asia/Seoul', 'timeouts: { connect: 0s }'),
    '5 databases.shop.timeouts.connect: must be longer than nothing, such as 5s',
  ],
  [
    'a share above 1',
    sampleWith('share: 101%'),
    '21 jobs.payments.share: expected a share such as 2% or 0.02, from 0 to 1, found "101%"',
  ],
  ['an empty file', '', '1 the file is empty; write one with: rowkeeper init'],
  ['a file of comments', '# nothing\n', '1 the file is empty; write one with: rowkeeper init'],
  ['a list', '- a\n', '1 expected a mapping, found a list'],
  ['a tab', sample.replace('  shop', '\tshop'), '3 a tab is used as indentation; YAML takes spaces only'],
  ['an alias bomb', bomb, '1 aliases (*name) are repeated too often or refer to themselves'],
  ['an alias to itself', 'version: 1\na: &a [*a]\n', '1 values are nested deeper than 32 levels'],
  [
    'a merge key',
    sampleWith('<<: { a: 1 }'),
    '21 jobs.payments.<<: merge keys (<<) are not supported; write the keys out',
  ],
  ['a tag', sampleWith('where: !run x'), '21 tags are not supported: Unresolved tag: !run'],
  ['YAML 1.1', `%YAML 1.1\n---\n${sample}`, '1 this is YAML 1.2; remove the line that begins with %YAML'],
  [
    'two documents',
    `${sample}---\na: 1\n`,
    '21 a second document begins here (---); a configuration is one document',
  ],
  [
    'yes as a boolean',
    sampleWith('dryAtNight: yes'),
    '21 jobs.payments.dryAtNight: expected true or false, found "yes"',
  ],
  [
    'a large file',
    '#'.repeat(1024 * 1024 + 1),
    '1 the file is larger than 1 MiB; this cannot be a configuration',
  ],
  [
    'a __proto__ key',
    sampleWith('__proto__: { a: 1 }'),
    '21 jobs.payments.__proto__: this key is not allowed',
  ],
  ['a mapping as key', sampleWith('? [a]\n    : b'), '21 jobs.payments.["a"]: a key must be plain text'],
  [
    'a missing variable',
    sample.replace('SHOP_URL', 'NOWHERE'),
    `4 databases.shop.url: the environment variable NOWHERE is not set; set it, or write \${env:NOWHERE:-default}`,
  ],
  [
    'a shell-like reference',
    sample.replace(`\${env:SHOP_URL}`, `\${SHOP_URL}`),
    `4 databases.shop.url: \${SHOP_URL} cannot be read; write \${env:NAME}, \${env:NAME:-default} or \${file:path}`,
  ],
  [
    'a missing secret file',
    sample.replace(`\${env:PAY_TOKEN}`, `\${file:token.txt}`),
    '9 services.pay.auth.bearer: the file token.txt cannot be read: there is no such file',
  ],
  [
    'cron with 7 fields',
    sampleWith('schedule: "* * * * * * *"'),
    '21 jobs.payments.schedule: a cron expression has 5 fields, or 6 with seconds first; this one has 7',
  ],
  [
    'a date that never comes',
    sampleWith('schedule: "0 0 31 2 *"'),
    '21 jobs.payments.schedule: the date 31 2 never comes',
  ],
  [
    'an unknown time zone',
    sampleWith('schedule: { cron: "0 3 * * *", timeZone: Mars/Olympus }'),
    '21 jobs.payments.schedule.timeZone: unknown time zone "Mars/Olympus"; write a name such as Asia/Seoul, UTC, or an offset such as +05:45',
  ],
  [
    'an unknown placeholder',
    sample.replace('{reference}', '{reference}/{x}'),
    '11 services.pay.lookup.get: unknown placeholder {x}; known: {reference}',
  ],
  [
    'a path that names nothing',
    sample.replace('{reference}', 'all'),
    '11 services.pay.lookup.get: the path must say which one is meant: use {reference}',
  ],
  [
    'a service URL without a scheme',
    sample.replace('http://127', '127'),
    '8 services.pay.baseUrl: a service URL begins with https:// (or http://)',
  ],
  [
    'an unknown kind',
    sample.replace('kind: sweep', 'kind: swep'),
    '16 jobs.payments.kind: unknown kind "swep"; did you mean "sweep"?',
  ],
  [
    'a database that is not there',
    sample.replace('database: shop', 'database: shpo'),
    '17 jobs.payments.database: there is no database "shpo" under databases; did you mean "shop"?',
  ],
  [
    'a second database that is not there',
    sampleWith('into: { database: shopp }'),
    '21 jobs.payments.into.database: there is no database "shopp" under databases; did you mean "shop"?',
  ],
  [
    'a period without a unit',
    sampleWith('into: { keep: 13 }'),
    '21 jobs.payments.into.keep: periods carry a unit: write 13 months, or days, weeks, years',
  ],
  [
    'a service that is not there',
    sample.replace('service: pay', 'service: bank'),
    '18 jobs.payments.service: there is no service "bank" under services; known: pay',
  ],
  ['a newer file format', sample.replace('version: 1', 'version: 2'), '1 version: expected 1, found 2'],
  ['no version', sample.replace('version: 1\n', ''), '1 version: required key is missing'],
  ['no databases', 'version: 1\n', '1 databases: required key is missing'],
  [
    'a missing key',
    sample.replace('    table: payments\n', ''),
    '15 jobs.payments.table: required key is missing',
  ],
  [
    'an unknown choice',
    sampleWith('mode: rview'),
    '21 jobs.payments.mode: expected one of auto, review, off, found "rview"; did you mean "review"?',
  ],
  [
    'an unknown way to sign in',
    sample.replace('bearer', 'barer'),
    '9 services.pay.auth.barer: unknown key; did you mean "bearer"?',
  ],
  [
    'a token that YAML reads as a number',
    sample.replace(`"\${env:PAY_TOKEN}"`, '5'),
    '9 services.pay.auth.bearer: expected text, found 5; put it in quotes: "5"',
  ],
  [
    'a predicate with a second statement',
    sampleWith('where: "a = 1; b"'),
    '21 jobs.payments.where: a predicate must not contain ;, not even in quotes',
  ],
  [
    'a table with its schema',
    sample.replace('table: payments', 'table: shop.payments'),
    '19 jobs.payments.table: "shop.payments" is two names: put the table here; its schema is the one in the database\'s url',
  ],
  [
    'a job name with a space',
    sample.replace('  payments:', '  "pay ments":'),
    '15 jobs.pay ments: a name here has letters, digits, - and _ only, begins with a letter or digit, and is 64 characters at most',
  ],
]

describe('a configuration is refused, with its line, for', () => {
  test.each(refused)('%s', (_, text, line) => {
    const failure = failureOf(() => parse(text))
    expect(failure.lines).toEqual([`rowkeeper.yaml:${line}`])
    expect(failure).toMatchObject({ exitCode: 78, code: 'config.invalid' })
  })
})

test('every problem is reported, in the order of the file', () => {
  const text = sampleWith('grcae: 5m').replace('SHOP_URL', 'NOWHERE').replace('PAID: paid', 'PAID: pad')
  expect(failureOf(() => parse(text)).lines.map((line) => line.split(' ', 2).join(' '))).toEqual([
    'rowkeeper.yaml:4 databases.shop.url:',
    'rowkeeper.yaml:13 services.pay.lookup.statuses.PAID:',
    'rowkeeper.yaml:21 jobs.payments.grcae:',
  ])
})

test('an empty variable is a problem of its own, unless a default is given', () => {
  const empty = { ...environment, PAY_TOKEN: '' }
  expect(failureOf(() => parse(sample, { environment: empty })).lines).toEqual([
    `rowkeeper.yaml:9 services.pay.auth.bearer: the environment variable PAY_TOKEN is empty; set it, or write \${env:PAY_TOKEN:-default}`,
  ])
  const loaded = parse(sample.replace('PAY_TOKEN', 'PAY_TOKEN:-none'), { environment: empty })
  expect(loaded.config.services.pay?.auth).toEqual({ bearer: 'none' })
})

describe('a configuration is accepted', () => {
  const expected = parse(sample).config.jobs

  test.each([
    ['with a byte order mark', `\uFEFF${sample}`],
    ['with CRLF', sample.replaceAll('\n', '\r\n')],
    ['with aliases', sample.replace('10m', '&grace 10m')],
  ])('%s', (_, text) => {
    expect(parse(text).config.jobs).toEqual(expected)
  })

  test.each([
    ['off stays text', 'mode: off', { mode: 'off' }],
    ['a date stays text', 'where: 2026-01-02', { where: '2026-01-02' }],
    ['012 is twelve', 'limits: { maxRows: 012 }', { limits: { maxRows: 12 } }],
    ['a count as text', 'limits: { maxRows: "4" }', { limits: { maxRows: 4 } }],
    ['a share in percent', 'share: 5%', { share: 0.05 }],
    [
      'amounts keep their digits',
      'limits: { maxAmount: { KRW: 5000000, USD: 12.50, BTC: 0.123456789012345678, X: 9007199254740993 } }',
      {
        limits: {
          maxAmount: { KRW: '5000000', USD: '12.5', BTC: '0.123456789012345678', X: '9007199254740993' },
        },
      },
    ],
  ])('%s', (_, line, parsed) => {
    const input = parse(sampleWith(line)).config.jobs.payments?.input
    expect(sweepKind.schema.parse(input)).toMatchObject(parsed)
  })
})

test('the result has defaults, and finds nothing under names that were not configured', () => {
  const { config, warnings } = parse(sampleWith('schedule: "*/10 * * * *"'))
  expect(config.databases.shop).toMatchObject({
    poolSize: 4,
    replica: undefined,
    timeouts: { statement: 60_000 },
  })
  expect(config.services.pay?.lookup.notFound).toEqual({ status: 404 })
  expect(config.jobs.payments).toEqual({
    name: 'payments',
    kind: 'sweep',
    database: 'shop',
    service: 'pay',
    schedule: { cron: '*/10 * * * *', timeZone: 'UTC' },
    input: { table: 'payments', grace: '10m' },
  })
  expect(config.jobs.constructor).toBeUndefined()
  expect(warnings).toEqual([])
})

describe('a file', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rowkeeper-config-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const load = (text: string | Uint8Array) => {
    const file = join(folder, 'rowkeeper.yaml')
    writeFileSync(file, text, { mode: 0o644 })
    return loadConfig({ file, environment, kinds: [sweepKind] })
  }

  test('that is missing ends with 66', () => {
    const failure = failureOf(() => loadConfig({ file: join(folder, 'none.yaml'), environment, kinds: [] }))
    expect(failure).toMatchObject({ exitCode: 66, code: 'config.missing' })
  })

  test('that is not UTF-8 is refused', () => {
    expect(() => load(Buffer.from(sample, 'utf16le').subarray(1))).toThrow(ConfigError)
    expect(() => load(Uint8Array.of(0x76, 0xff, 0xfe))).toThrow('the file is not UTF-8 text')
  })

  test('may keep a secret in another file beside it, which others should not read', () => {
    const secretFile = join(folder, 'token')
    writeFileSync(secretFile, 'tok_live_abcdef\n')
    chmodSync(secretFile, 0o600)
    const text = sample.replace(`\${env:PAY_TOKEN}`, `\${file:token}`)
    expect(load(text).warnings).toEqual([])
    expect(load(text).config.services.pay?.auth).toEqual({ bearer: 'tok_live_abcdef' })
    chmodSync(secretFile, 0o644)
    expect(load(text).warnings).toMatchObject([{ code: 'config.readableByOthers' }])
  })

  test('with a secret in it that others can read brings two warnings', () => {
    const { warnings } = load(sample.replace(`\${env:PAY_TOKEN}`, 'tok_live_abcdef'))
    expect(warnings.map(({ code }) => code)).toEqual(['config.inlineSecret', 'config.readableByOthers'])
    expect(warnings.map(({ message }) => message).join()).not.toContain('tok_live')
  })
})

test('plain text over a network brings warnings', () => {
  const text = sample
    .replace('http://127.0.0.1:4010', 'http://pay.example')
    .replace('dateTimeZone: Asia/Seoul', 'tls: { mode: off }')
  const elsewhere = { ...environment, SHOP_URL: 'mysql://app:s3cr3t-word@db.example/shop' }
  const { warnings } = parse(text, { environment: elsewhere })
  expect(warnings.map(({ code }) => code)).toEqual(['config.plainDatabase', 'config.plainHttp'])
})
