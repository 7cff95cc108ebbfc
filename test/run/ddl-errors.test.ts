import { expect, test } from 'vitest'
import { describeHolders } from '../../src/run/ddl-errors.ts'

test('names who is in the way and for how long, without the values in their statement', () => {
  const holder = { connectionId: '42', account: 'app@10.0.0.5:4711', seconds: 185, statement: undefined }
  expect(describeHolders({ certainty: 'hold', holders: [holder] })).toBe(
    'the lock is held by connection 42 (app@10.0.0.5:4711), idle, for 3 min 5 s',
  )
  const statement = `UPDATE t SET name = 'O''Hara',\n note = "a \\" b" WHERE id = 17 AND col2 > 1.5`
  expect(describeHolders({ certainty: 'oldest', holders: [{ ...holder, statement }] })).toContain(
    'running UPDATE t SET name = ?, note = ? WHERE id = ? AND col2 > ?, for',
  )
  expect(describeHolders({ certainty: 'oldest', holders: [] })).toContain('nobody is seen holding it now (')
})
