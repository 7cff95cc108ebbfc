import type { TestDatabase } from '../support/database.ts'

/** An account of the test's own with these grants and nothing else (`SELECT ON shop.*`); gone after `work`. */
export async function withAccount<T>(
  database: TestDatabase,
  grants: readonly string[],
  work: (url: string) => Promise<T>,
): Promise<T> {
  const account = `'${database.name}'@'127.0.0.1'`
  await database.query(`DROP USER IF EXISTS ${account}; CREATE USER ${account} IDENTIFIED BY 'secret'`)
  try {
    for (const grant of grants) await database.query(`GRANT ${grant} TO ${account}`)
    const url = new URL(database.url)
    url.username = database.name
    url.password = 'secret'
    return await work(url.href)
  } finally {
    await database.query(`DROP USER ${account}`)
  }
}
