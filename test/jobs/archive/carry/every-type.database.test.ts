import { expect } from 'vitest'
import { testServer } from '../../../support/test-server.ts'
import { test } from './cold.ts'
import { makeThings } from './every-type.ts'

test('a value of every type is the same on the other server', async ({ database, openCarry }) => {
  // As old tables have them: dates that strict modes refuse.
  await database.query("SET sql_mode = ''")
  await makeThings(database, testServer().family)
  const { job, readEverything, journal } = await openCarry({
    job: { table: 'things', into: { table: 'things_archive', database: 'cold', monthsAhead: 0 } },
  })
  const before = await readEverything(['things'])
  const { result } = await job.run()
  expect(result).toMatchObject({ exitCode: 0, counts: { archived: before.length, deleted: before.length } })
  expect(await readEverything(['things'])).toEqual(before)
  expect(await database.query('SELECT * FROM things')).toEqual([])
  expect(await journal()).toEqual([])
})
