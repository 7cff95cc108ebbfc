import { describe, expect, test } from 'vitest'
import { isLoopback, parseDatabaseUrl, tlsModeFor } from '../../src/config/connection.ts'
import { failureOf } from './sample.ts'

describe('a database URL', () => {
  test.each([
    [
      'mysql://app:word@db.example:3307/shop',
      { host: 'db.example', port: 3307, user: 'app', password: 'word', database: 'shop' },
    ],
    ['mariadb://app@db/shop', { host: 'db', port: 3306, user: 'app', password: '', database: 'shop' }],
    [
      'mysql://a%40b:p%40%2F%23@[::1]/sh%20op',
      { host: '::1', port: 3306, user: 'a@b', password: 'p@/#', database: 'sh op' },
    ],
    [
      'mysql://app@localhost/shop?socket=/run/mysqld/mysqld.sock',
      {
        host: 'localhost',
        port: 3306,
        socket: '/run/mysqld/mysqld.sock',
        user: 'app',
        password: '',
        database: 'shop',
      },
    ],
  ])('%s is read', (url, address) => {
    expect(parseDatabaseUrl(url)).toEqual(address)
  })

  test.each([
    ['another scheme', 'postgres://app:word@db/shop', 'does not begin with mysql://'],
    ['no scheme', 'app:word@db/shop', 'does not begin with mysql://'],
    ['a bare # in the password', 'mysql://app:wo#rd@db/shop', 'cannot be read'],
    ['a bare # later', 'mysql://app:word@db/shop#x', 'contains a bare #'],
    ['no user', 'mysql://db/shop', 'names no user'],
    ['no database', 'mysql://app:word@db', 'names no database after the host'],
    ['two databases', 'mysql://app:word@db/shop/more', 'names more than one database'],
    [
      'an option of the driver',
      'mysql://app:word@db/shop?flags=LOCAL_FILES',
      'has the unknown parameter "flags"',
    ],
    ['a relative socket', 'mysql://app:word@db/shop?socket=x.sock', 'has a socket that is no absolute path'],
    ['a broken encoding', 'mysql://app:wo%zzrd@db/shop', 'contains a % that is no percent-encoding'],
    ['port 0', 'mysql://app:word@db:0/shop', 'names port 0'],
  ])('with %s is refused, unrepeated', (_, url, observed) => {
    expect(() => parseDatabaseUrl(url)).toThrow(`The database URL ${observed}.`)
    expect(failureOf(() => parseDatabaseUrl(url)).exitCode).toBe(78)
    expect(() => parseDatabaseUrl(url)).not.toThrow('word')
  })
})

test.each([
  ['mysql://app@localhost/shop', 'off'],
  ['mysql://app@127.8.0.1/shop', 'off'],
  ['mysql://app@[::1]/shop', 'off'],
  ['mysql://app@db/shop?socket=/run/db.sock', 'off'],
  ['mysql://app@10.0.0.7/shop', 'verify'],
  ['mysql://app@127.0.0.1.example/shop', 'verify'],
] as const)('%s is asked with TLS %s', (url, mode) => {
  expect(tlsModeFor(parseDatabaseUrl(url), undefined)).toBe(mode)
  expect(tlsModeFor(parseDatabaseUrl(url), 'verify-ca')).toBe('verify-ca')
})

test('0.0.0.0 is not loopback', () => {
  expect(isLoopback('0.0.0.0')).toBe(false)
})
