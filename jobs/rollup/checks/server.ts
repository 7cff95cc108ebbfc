import type { ServerInfo } from '../../../src/db/server.ts'
import type { Finding } from '../../../src/run/events.ts'
import { type Look, refusal } from './look.ts'

/** Undefined when the server will do. */
export const checkServer: Look = async ({ context, settings }) => {
  const usesSkipLocked = ['auto', 'consume'].includes(settings.options.source?.strategy ?? '')
  return [...refuseStatements(context.server), ...(usesSkipLocked ? refuseOld(context.server) : [])]
}

/**
 * Under READ COMMITTED InnoDB takes part in no statement that would be logged as text: error 1665 on both servers. MIXED
 * logs such statements as rows.
 */
export function refuseStatements({
  binaryLogFormat,
}: Pick<ServerInfo, 'binaryLogFormat'>): readonly Finding[] {
  if (binaryLogFormat !== 'STATEMENT') return []
  return [
    refusal(
      'binaryLogFormat',
      'The server writes its binary log as statements (binlog_format is STATEMENT), and so refuses every write at READ COMMITTED, the isolation at which events are counted.',
      'SET GLOBAL binlog_format = ROW, and the same in the configuration of the server',
    ),
  ]
}

/** SKIP LOCKED came with MySQL 8.0.1 and MariaDB 10.6; without it workers would wait for each other and for writers. */
export function refuseOld({
  isSupported,
  version,
}: Pick<ServerInfo, 'isSupported' | 'version'>): readonly Finding[] {
  if (isSupported) return []
  return [
    refusal(
      'skipLocked',
      `The server (${version}) does not know SKIP LOCKED, with which consume takes events that nobody else holds.`,
      'Use MySQL 8.0 or MariaDB 10.6 or newer, or set source.strategy: rotate',
    ),
  ]
}
