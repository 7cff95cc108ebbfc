import { defineConfig } from 'vitest/config'

// `unit` needs nothing running; a `*.database.test.ts` gets a private server, started once per server
// family; `cli` runs the built binary the way a shell or cron does.
const servers = (process.env.ROWKEEPER_TEST_SERVERS ?? 'mariadb').split(',').map((name) => name.trim())
const withServer = {
  globalSetup: ['test/support/global-server.ts'],
  testTimeout: 60_000,
  hookTimeout: 180_000,
}

export default defineConfig({
  test: {
    // Two files at a time, each worker with servers of its own: some tests set global variables.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.database.test.ts', 'test/cli/**'],
        },
      },
      ...servers.map((server) => ({
        test: { name: server, include: ['test/**/*.database.test.ts'], ...withServer },
      })),
      { test: { name: 'cli', include: ['test/cli/**/*.test.ts'], ...withServer } },
    ],
  },
})
