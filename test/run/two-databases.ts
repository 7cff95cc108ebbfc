import { z } from 'zod'
import { controlMigrations } from '../../migrations/index.ts'
import { databaseReference } from '../../src/config/fields.ts'
import { parseConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import type { ExecuteContext, PlanContext } from '../../src/run/context.ts'
import { defineJob } from '../../src/run/define-job.ts'
import type { Outcome } from '../../src/run/job.ts'
import type { Launch, Surroundings } from '../../src/run/launch.ts'
import { bindJob } from '../../src/run/settings.ts'
import { installState } from '../../src/run/state.ts'
import { test as databaseTest, type TestDatabase } from '../support/database.ts'
import { surroundings } from './surroundings.ts'

export interface TwoDatabases {
  readonly home: TestDatabase
  /** The name of the other schema, on the same server. */
  readonly cold: string
  readonly config: Config
  /** One job `copy` of `home`'s table `numbers` into the other database, which does what is given here. */
  launch(does: Does, around?: Partial<Surroundings>): Launch
  install(...names: readonly ('shop' | 'cold')[]): Promise<void>
}

export interface Does {
  readonly plan?: (context: PlanContext) => Promise<void>
  readonly execute?: (context: ExecuteContext) => Promise<void>
}

const nothingDone: Outcome = { counts: { done: 0 }, changed: 0, leftOver: 0 }
const report = { headline: '', sections: [] }
const schema = z.strictObject({ table: z.string(), into: z.strictObject({ database: databaseReference }) })

function copyJob({ plan = async () => {}, execute = async () => {} }: Does) {
  return defineJob<z.output<typeof schema>, null, Outcome>({
    kind: 'copy',
    summary: 'Copy',
    schema,
    service: 'none',
    target: ({ schema: home, options }) => `${home}.${options.table}`,
    destination: ({ into, table }) => ({ database: into.database, table }),
    checks: [],
    definition: async () => 'd1',
    pages: () => 'ordered',
    plan: async (context) => {
      await plan(context)
      return { plan: null, next: undefined }
    },
    execute: (context) => execute(context),
    savedPlan: z.null(),
    emptyPlan: null,
    addPlans: () => null,
    emptyResult: nothingDone,
    addResults: (_, second) => second,
    describePlan: () => ({ report, hasWork: true, counts: {}, detail: {} }),
    report: () => ({ report, detail: {}, next: [] }),
    rows: () => [],
    verbs: [
      {
        ...{ group: 'copy', name: 'again', summary: 'Again', arguments: [], options: [] },
        access: 'write',
        lease: ({ schema: home, options }) => `${home}.${options.table}`,
        run: async (context) => {
          await execute(context)
          return { ...nothingDone, report, detail: {}, next: [] }
        },
      },
    ],
  })
}

export const test = databaseTest.extend<{ two: TwoDatabases }>({
  two: async ({ database }, use) => {
    const cold = `${database.name}_cold`
    await database.query(`DROP DATABASE IF EXISTS ${cold}; CREATE DATABASE ${cold} CHARACTER SET utf8mb4`)
    await use(createTwoDatabases(database, cold))
    await database.query(`DROP DATABASE ${cold}`)
  },
})

function createTwoDatabases(home: TestDatabase, cold: string): TwoDatabases {
  const coldUrl = home.url.replace(home.name, cold)
  const { config } = parseConfig({
    text: JSON.stringify({
      version: 1,
      databases: { shop: { url: home.url, replica: coldUrl }, cold: { url: coldUrl } },
      jobs: { copy: { kind: 'copy', database: 'shop', table: 'numbers', into: { database: 'cold' } } },
    }),
    fileName: 'rowkeeper.yaml',
    environment: {},
    readSecretFile: () => '',
    kinds: [{ kind: 'copy', schema }],
  })
  const entry = config.jobs.copy
  if (entry === undefined) throw new Error('the job is not there')
  return {
    home,
    cold,
    config,
    launch(does, around = {}) {
      const job = copyJob(does)
      const opened = job.open(bindJob(config, entry))
      return { surroundings: { ...surroundings(), ...around }, config, entry, job, opened, limit: undefined }
    },
    async install(...names) {
      for (const name of names) {
        const databaseConfig = config.databases[name]
        if (databaseConfig === undefined) throw new Error(`${name} is not there`)
        const database = { name, config: databaseConfig }
        await installState({ database, surroundings: surroundings(), migrations: controlMigrations })
      }
    },
  }
}
