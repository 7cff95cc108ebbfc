import { describe, expect, it } from 'vitest'
import {
  CommitUnknownError,
  DatabaseError,
  type DatabaseErrorKind,
  isRestartable,
  translateDriverError,
} from '../../src/db/errors.ts'
import { RowkeeperError } from '../../src/lib/errors.ts'

type Driver = Readonly<Record<string, unknown>>

function translate(error: Driver): DatabaseError {
  const translated = translateDriverError(Object.assign(new Error('driver'), error), 'reading shop.payments')
  if (translated instanceof DatabaseError) return translated
  throw new Error('expected a DatabaseError')
}

const numbers = (kind: DatabaseErrorKind, ...members: number[]) =>
  members.map((errno) => ({ kind, error: { errno, sqlMessage: 'as the server says' } }))
const codes = (kind: DatabaseErrorKind, ...members: string[]) =>
  members.map((code) => ({ kind, error: { code, errno: -111, fatal: true } }))

describe('what the server or the system says', () => {
  it.each([
    ...numbers('notSent', 1040, 1203, 1226),
    ...codes('notSent', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT'),
    { kind: 'notSent', error: { code: 'ETIMEDOUT', syscall: 'connect', fatal: true } },
    ...numbers('rolledBack', 1213, 1020),
    ...numbers('statementOnly', 1205, 3572, 1317, 3024, 1969),
    ...numbers('wrongServer', 1290, 1836, 1792, 1036, 1047, 1053),
    ...numbers('connectionLost', 1927, 4031, 2006, 2013),
    ...codes('connectionLost', 'PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE'),
    { kind: 'connectionLost', error: { code: 'ETIMEDOUT', syscall: 'read', fatal: true } },
    { kind: 'connectionLost', error: { code: 'SOMETHING_NEW', fatal: true } },
    ...numbers('resource', 1021, 1114, 1030, 1037, 1038, 1041, 1197, 1206),
    ...numbers('permission', 1044, 1045, 1142, 1143, 1227, 1370, 1419, 1129, 1698, 3159),
    ...codes('permission', 'HANDSHAKE_NO_SSL_SUPPORT', 'HANDSHAKE_SSL_ERROR'),
    ...numbers(
      'definition',
      1054,
      1064,
      1146,
      1049,
      1050,
      1062,
      1264,
      1292,
      1364,
      1366,
      1406,
      1451,
      1452,
      4025,
    ),
    ...numbers('definition', 64_999),
  ] as const)('$error is $kind', ({ kind, error }) => {
    expect(translate(error)).toMatchObject({ kind, code: `database.${kind}` })
  })

  it('is told with the attempt, its own sentence and its number, and nothing else', () => {
    const error = translate({
      errno: 1062,
      sqlMessage: "Duplicate entry 'x' for key 'PRIMARY'",
      sql: "INSERT … 'secret'",
    })
    expect(error.message).toBe(
      "While reading shop.payments: Duplicate entry 'x' for key 'PRIMARY' (error 1062).",
    )
    expect(error.number).toBe(1062)
  })

  it('passes errors of ours through', () => {
    const ours = new RowkeeperError({ code: 'test.some', message: '', exitCode: 1 })
    expect(translateDriverError(ours, 'x')).toBe(ours)
  })
})

describe('a transaction', () => {
  const kinds: readonly DatabaseErrorKind[] = ['notSent', 'rolledBack', 'statementOnly', 'wrongServer']
  const others: readonly DatabaseErrorKind[] = [
    'connectionLost',
    'resource',
    'permission',
    'definition',
    'killed',
  ]

  it('is run again after a deadlock or a lock wait, and after nothing else', () => {
    const restartable = [...kinds, ...others].filter((kind) =>
      isRestartable(new DatabaseError({ kind, message: '' })),
    )
    expect(restartable).toEqual(['rolledBack', 'statementOnly'])
    expect(isRestartable(new CommitUnknownError('7', undefined))).toBe(false)
    expect(isRestartable(new Error('x'))).toBe(false)
  })

  it('whose COMMIT was not answered is unknown, and never retried by itself', () => {
    expect(new CommitUnknownError('7', undefined)).toMatchObject({
      code: 'database.commitUnknown',
      effect: 'unknown',
      retryable: false,
      exitCode: 6,
      connectionId: '7',
    })
  })
})
