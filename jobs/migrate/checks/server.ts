import { type Look, refusal } from './look.ts'

/** Under READ COMMITTED InnoDB takes part in no statement that would be logged as text: error 1665 on both servers. */
export const checkServer: Look = async ({ context: { server } }) => {
  if (server.binaryLogFormat !== 'STATEMENT') return []
  return [
    refusal(
      'binaryLogFormat',
      'The server writes its binary log as statements (binlog_format is STATEMENT), and so refuses every write at READ COMMITTED, the isolation at which rows are copied.',
      'SET GLOBAL binlog_format = ROW, and the same in the configuration of the server',
    ),
  ]
}
