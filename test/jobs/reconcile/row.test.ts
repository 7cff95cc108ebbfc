import { describe, expect, it } from 'vitest'
import {
  afterPosition,
  describeKey,
  hashKey,
  isKeyType,
  type LocalRow,
  matchKey,
  toLocalRow,
} from '../../../jobs/reconcile/row.ts'
import type { Row } from '../../../src/db/connection.ts'
import { describeStatement } from '../../../src/db/statement.ts'
import { sampleOptions, sampleSource } from './sample.ts'

const cells: Row = {
  key_0: '9007199254740993',
  reference: 'A-1',
  status: 'FAILED',
  amount: '12.30000000',
  created_at: '2026-11-22 12:00:00.123456',
}

function read(more: Row = {}, source = sampleSource(), zone = 'UTC'): LocalRow {
  return toLocalRow({ ...cells, ...more }, source, sampleOptions(), zone)
}

describe('a row', () => {
  it('keeps every digit of its key and amount', () => {
    expect(read()).toMatchObject({ key: ['9007199254740993'], amount: '12.30000000', local: 'failed' })
  })

  it('is placed in time by the zone of the application', () => {
    expect(read({}, sampleSource(), 'Asia/Seoul').createdAt).toBe('2026-11-22T03:00:00.123Z')
    expect(read().createdText).toBe('2026-11-22 12:00:00.123456')
  })

  it('is in UTC when its column is a TIMESTAMP', () => {
    const source = sampleSource({ columns: { createdAt: ['created_at', 'timestamp'] } })
    expect(read({}, source, 'Asia/Seoul').createdAt).toBe('2026-11-22T12:00:00.123Z')
  })

  it('counts since its last change', () => {
    const source = sampleSource({ columns: { updatedAt: ['updated_at', 'datetime'] } })
    expect(read({ updated_at: '2026-11-22 13:00:00' }, source).since).toBe('2026-11-22T13:00:00.000Z')
    expect(read({ updated_at: null }, source).since).toBe('2026-11-22T12:00:00.123Z')
  })

  it.each(['0000-00-00 00:00:00', 'soon', ''])('without a point in time (%j) is named', (text) => {
    expect(() => read({ created_at: text })).toThrow(
      expect.objectContaining({ code: 'reconcile.unreadableTime' }),
    )
  })

  it('finds its class as the server does: in any case of letters', () => {
    expect(read({ status: 'failed' }).local).toBe('failed')
  })

  it('prefers the exact spelling where classes differ in case only', () => {
    const options = sampleOptions({ statuses: { paid: ['ok'], failed: ['OK'] } })
    const local = (status: string) => toLocalRow({ ...cells, status }, sampleSource(), options, 'UTC').local
    expect([local('ok'), local('OK')]).toEqual(['paid', 'failed'])
  })

  it('has its currency in capitals', () => {
    expect(read({ currency: 'eur' }).currency).toBe('EUR')
    expect(read({ currency: null }).currency).toBeUndefined()
  })

  it('without a reference is not asked for as "null"', () => {
    expect(read({ reference: null }).reference).toBe('')
  })

  it.each([null, ''])('knows neither id nor currency of the service when it holds %j', (cell) => {
    expect(read({ external_id: cell, currency: cell })).toMatchObject({
      externalId: undefined,
      currency: undefined,
    })
  })

  it.each([
    [null, false],
    [0, false],
    ['0', false],
    ['', false],
    ['N', false],
    [Buffer.from([0]), false],
    [1, true],
    ['1', true],
    ['Y', true],
    [Buffer.from([1]), true],
    ['2026-11-22 00:00:00', true],
  ])('with the flag %j is disputed: %s', (flag, expected) => {
    expect(read({ disputed: flag }).isDisputed).toBe(expected)
  })
})

describe('a key', () => {
  const composite = sampleSource({
    key: [
      ['shop', 'varchar'],
      ['id', 'bigint'],
      ['hash', 'binary'],
    ],
  })

  it('is text, binary as hexadecimal', () => {
    const { key } = read(
      { key_0: 'ko', key_1: '18446744073709551615', key_2: Buffer.from('ff00', 'hex') },
      composite,
    )
    expect(key).toEqual(['ko', '18446744073709551615', 'ff00'])
    expect(describeKey(key)).toBe('(ko, 18446744073709551615, ff00)')
    expect(describeKey(['17'])).toBe('17')
  })

  it('goes back to the server in its own type, so that no float compares it', () => {
    const match = matchKey(composite, ['ko', '18446744073709551615', 'ff00'])
    expect(describeStatement(match)).toBe('`shop` = ? AND `id` = ? AND `hash` = ?')
    expect(match.values).toEqual(['ko', 18446744073709551615n, Buffer.from('ff00', 'hex')])
  })

  it('that is NULL, in a unique index that allows it, is no key', () => {
    expect(() => read({ key_0: null })).toThrow()
  })

  it('has a hash that tells where its parts meet', () => {
    expect(hashKey(['1', '23'])).not.toBe(hashKey(['12', '3']))
    expect(hashKey(['17'])).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each(['bigint', 'varchar', 'binary', 'datetime', 'uuid'])('may be a %s', (dataType) => {
    expect(
      isKeyType(sampleSource({ key: [['id', dataType]] }).key[0] as Parameters<typeof isKeyType>[0]),
    ).toBe(true)
  })

  it.each(['float', 'double', 'enum', 'json', 'blob', 'geometry', 'bit'])('may not be a %s', (dataType) => {
    expect(
      isKeyType(sampleSource({ key: [['id', dataType]] }).key[0] as Parameters<typeof isKeyType>[0]),
    ).toBe(false)
  })
})

describe('the position of a scan', () => {
  it('is written out column by column', () => {
    const after = afterPosition(sampleSource(), '2026-11-22 12:00:00', ['17'])
    expect(describeStatement(after)).toBe(
      '`created_at` >= ? AND ((`created_at` > ?) OR (`created_at` = ? AND `id` > ?))',
    )
    expect(after.values).toEqual([...Array(3).fill('2026-11-22 12:00:00'), 17n])
  })
})
