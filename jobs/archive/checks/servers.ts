import type { ServerInfo } from '../../../src/db/server.ts'
import type { Finding } from '../../../src/run/events.ts'
import { type Look, refusal } from './look.ts'

/**
 * Under READ COMMITTED InnoDB takes part in no statement that would be logged as text: error 1665 on both servers, at the
 * first row that is locked. MIXED logs such statements as rows.
 */
export const checkBinaryLog: Look = async ({ context }) => {
  const { server, destination } = context
  return [
    refuseStatement(server, 'The server'),
    destination && refuseStatement(destination.server, 'The archive server'),
  ].flatMap((finding) => finding ?? [])
}

function refuseStatement({ binaryLogFormat }: ServerInfo, who: string): Finding | undefined {
  if (binaryLogFormat !== 'STATEMENT') return undefined
  return refusal(
    'binaryLogFormat',
    `${who} writes its binary log as statements (binlog_format is STATEMENT), and so refuses every write at READ COMMITTED, the isolation at which rows are moved.`,
    'SET GLOBAL binlog_format = ROW, and the same in the configuration of the server',
  )
}
