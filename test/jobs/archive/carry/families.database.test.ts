import { afterAll, beforeAll, describe, expect } from 'vitest'
import { openArchiveJob } from '../../../support/archive-job.ts'
import { readExact } from '../../../support/archive-tables.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { type OwnServer, startOwnServer } from '../../../support/own-server.ts'
import { testServer } from '../../../support/test-server.ts'
import { test } from './cold.ts'
import { makeThings } from './every-type.ts'

const { family } = testServer()

// A MariaDB beside MySQL is started in two seconds; the other way about it would take ten.
describe.runIf(family === 'mysql')('from one family to the other', () => {
  let mariadb: OwnServer

  beforeAll(async () => {
    mariadb = await startOwnServer('mariadb')
  })
  afterAll(() => mariadb.stop())

  async function carryThings(live: TestDatabase, cold: TestDatabase): Promise<void> {
    const into = { table: 'things_archive', database: 'cold', monthsAhead: 0 }
    const { job, close } = await openArchiveJob(live, {
      job: { table: 'things', into },
      databases: { cold: { url: cold.url } },
    })
    const before = await readExact(live, 'things')
    try {
      const { result } = await job.run()
      expect(result).toMatchObject({ exitCode: 0, counts: { archived: before.length } })
      expect(await readExact(cold, 'things_archive')).toEqual(before)
      expect(await readExact(live, 'things')).toEqual([])
    } finally {
      await close()
    }
  }

  test('every value both have is the same on MariaDB', async ({ database }) => {
    await database.query("SET sql_mode = ''")
    await makeThings(database, 'mysql', 'common')
    await carryThings(database, await mariadb.createDatabase('cold'))
  })

  test('and the same on MySQL', async ({ cold }) => {
    const shop = await mariadb.createDatabase('shop')
    await shop.query("SET GLOBAL sql_mode = ''")
    await makeThings(shop, 'mariadb', 'common')
    await carryThings(shop, cold)
  })
})
