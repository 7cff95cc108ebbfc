import { describe, expect, test } from 'vitest'
import { refuseOld, refuseStatements } from '../../../../jobs/rollup/checks/server.ts'
import type { ServerInfo } from '../../../../src/db/server.ts'

const server: Pick<ServerInfo, 'version' | 'isSupported' | 'binaryLogFormat'> = {
  version: '10.5.29-MariaDB',
  isSupported: false,
  binaryLogFormat: 'ROW',
}

describe('a server', () => {
  test('without SKIP LOCKED is refused, with the strategy that does without', () => {
    expect(refuseOld(server)).toEqual([
      {
        id: 'rollup.skipLocked',
        severity: 'error',
        evidence:
          'The server (10.5.29-MariaDB) does not know SKIP LOCKED, with which consume takes events that nobody else holds.',
        fix: 'Use MySQL 8.0 or MariaDB 10.6 or newer, or set source.strategy: rotate',
      },
    ])
    expect(refuseOld({ ...server, isSupported: true })).toEqual([])
  })

  test.each([
    ['STATEMENT', 1],
    ['MIXED', 0],
    ['ROW', 0],
    [undefined, 0],
  ] as const)('that logs %s: refusals', (binaryLogFormat, refusals) => {
    expect(refuseStatements({ binaryLogFormat })).toHaveLength(refusals)
  })
})
