import type { TestDatabase } from '../support/database.ts'
import { startOwnServer } from '../support/own-server.ts'
import { openSession } from '../support/session.ts'
import { testServer } from '../support/test-server.ts'

/** A server of one test file that replicates the server of the test run, from the moment it is connected. */
export interface Replica {
  /** `mysql://root:password@127.0.0.1:port/` */
  readonly url: string
  /** Names the source without starting anything. Makes the test's database, which is older than that moment. */
  connect(database: TestDatabase): Promise<void>
  run(text: string): Promise<void>
  stop(): Promise<void>
}

export async function startReplica(): Promise<Replica> {
  const server = await startOwnServer()
  const run = async (text: string) => {
    const session = await openSession(server.url)
    await session.query(text).finally(session.close)
  }
  return {
    url: server.url,
    async connect(database) {
      await server.createDatabase(database.name)
      // Both servers were set up alike, and a server takes nothing from one of its own number.
      await run('SET GLOBAL server_id = 4711')
      await run(await changeSource(database))
    },
    run,
    stop: server.stop,
  }
}

async function changeSource(database: TestDatabase): Promise<string> {
  const { family, port, url } = testServer()
  const { username, password } = new URL(url)
  const isMysql = family === 'mysql'
  const [log] = await database.query(isMysql ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS')
  const word = isMysql ? 'SOURCE' : 'MASTER'
  const place = `${word}_HOST = '127.0.0.1', ${word}_PORT = ${port}`
  const account = `${word}_USER = '${username}', ${word}_PASSWORD = '${password}'`
  const position = `${word}_LOG_FILE = '${log?.File}', ${word}_LOG_POS = ${log?.Position}`
  return isMysql
    ? `CHANGE REPLICATION SOURCE TO ${place}, ${account}, ${position}, GET_SOURCE_PUBLIC_KEY = 1`
    : `CHANGE MASTER TO ${place}, ${account}, ${position}, MASTER_USE_GTID = no`
}
