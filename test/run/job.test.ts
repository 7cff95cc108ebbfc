import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { jobs } from '../../jobs/index.ts'
import { databaseConfig } from '../../src/config/schema.ts'
import type { ExecuteContext, PlanContext } from '../../src/run/context.ts'
import { defineJob } from '../../src/run/define-job.ts'
import type { JobBinding, JobSpec, Outcome } from '../../src/run/job.ts'

interface Counted extends Outcome {
  readonly counts: { readonly done: number }
}

const counted = (done: number): Counted => ({ counts: { done }, changed: done, leftOver: 0 })
const headline = (text: string) => ({ headline: text, sections: [] })

/** Plans three pages of numbers and does what each page says. */
const spec: JobSpec<{ first: number }, number[], Counted> = {
  kind: 'count',
  summary: 'Count',
  schema: z.strictObject({ first: z.number() }),
  service: 'none',
  pages: () => 'ordered',
  target: ({ schema }) => `${schema}.numbers`,
  checks: [
    {
      id: 'count.one',
      scope: 'plan',
      look: async (_, { options }) => [{ id: `first ${options.first}`, severity: 'ok', evidence: '' }],
    },
  ],
  definition: async () => 'd1',
  plan: async (_, { options }, from) => {
    const number = options.first + Number(from ?? 0)
    return {
      plan: [number],
      next: number === options.first + 2 ? undefined : String(number - options.first + 1),
    }
  },
  execute: async (_, __, plan, tally) => {
    for (const number of plan) {
      if (number < 0) throw new Error(`cut short after ${tally.soFar.counts.done}`)
      tally.add(counted(1))
    }
  },
  savedPlan: z.array(z.number()),
  emptyPlan: [],
  addPlans: (first, second) => [...first, ...second],
  emptyResult: counted(0),
  addResults: (first, second) => counted(first.counts.done + second.counts.done),
  describePlan: (_, plan) => ({
    report: headline(plan.join()),
    hasWork: plan.length > 0,
    counts: {},
    detail: {},
  }),
  report: (_, result) => ({ report: headline(String(result.counts.done)), detail: {}, next: [] }),
  rows: (plan, result) => [{ planned: { count: plan.length }, done: { count: result.counts.done } }],
  verbs: [
    {
      ...verbNamed('look'),
      access: 'read',
      run: async () => ({ ...counted(0), report: headline('looked'), detail: {}, next: [] }),
    },
    {
      ...verbNamed('reset'),
      access: 'write',
      lease: ({ job }) => `${job}.reset`,
      preview: async (_, { options }) => ({
        ...counted(0),
        report: headline(`would reset to ${options.first}`),
        detail: {},
        next: [],
      }),
      run: async (_, { options }) => ({
        ...counted(options.first),
        report: headline('reset'),
        detail: {},
        next: [],
      }),
    },
  ],
}

function verbNamed(name: string) {
  return { group: 'numbers', name, summary: name, arguments: [], options: [] }
}

const shop = databaseConfig.parse({ url: 'mysql://app:pw@127.0.0.1:3306/shop' })
const binding: JobBinding = {
  job: 'numbers',
  input: { first: 7 },
  schema: 'shop',
  database: shop,
  databases: { shop },
  service: undefined,
}

// Nothing of the context is touched by this job.
const context = {} as ExecuteContext & PlanContext

describe('a job', () => {
  const open = () => defineJob(spec).open(binding)

  it('names its lease after what it works on', () => {
    expect(open().lease).toBe('shop.numbers')
  })

  it('plans page by page, and its pages fold into one', async () => {
    const job = open()
    let whole = job.empty()
    let from: string | undefined
    do {
      const page = await job.plan(context, from)
      whole = whole.add(page)
      from = page.next
    } while (from !== undefined)
    expect(whole.document).toEqual([7, 8, 9])
    expect(whole.describe().report.headline).toBe('7,8,9')
    expect(whole.rows()).toEqual([{ planned: { count: 3 }, done: { count: 0 } }])
  })

  it('executes pages one by one: the rows of a page tell of that page, the result of all', async () => {
    const job = open()
    const running = job.startResult()
    await running.execute(context, await job.plan(context, undefined))
    const rows = await running.execute(context, await job.plan(context, '1'))
    expect(rows).toEqual([{ planned: { count: 1 }, done: { count: 1 } }])
    expect(running.outcome).toEqual(counted(2))
    expect(running.report().report.headline).toBe('2')
  })

  it('still knows what it did when a page is cut short', async () => {
    const job = open()
    const running = job.startResult()
    await expect(running.execute(context, job.load([1, 2, -1, 3]))).rejects.toThrow('cut short after 2')
    expect(running.outcome.changed).toBe(2)
  })

  it('refuses a page that another job planned', async () => {
    const page = await open().plan(context, undefined)
    const other = open()
    expect(() => other.empty().add(page)).toThrow(TypeError)
    await expect(other.startResult().execute(context, page)).rejects.toThrow('planned by another job')
  })

  it('refuses a saved plan it did not write as bad input, not as a bug', () => {
    expect(() => open().load({ steps: 'all' })).toThrow(expect.objectContaining({ exitCode: 65 }))
  })

  it('asks its checks with its own options', async () => {
    const [check] = open().checks
    expect(await check?.look(context)).toEqual([expect.objectContaining({ id: 'first 7' })])
  })

  it('finds its verbs by group and name; one that writes has a lease', async () => {
    const input = { arguments: {}, options: {}, actor: 'operator@desk' }
    const reset = open().verb('numbers', 'reset')
    expect(reset).toMatchObject({ access: 'write', lease: 'numbers.reset' })
    expect(await reset?.run(context, input)).toMatchObject({ changed: 7 })
    expect(await open().verb('numbers', 'look')?.run(context, input)).toMatchObject({ changed: 0 })
    expect(open().verb('numbers', 'drop')).toBeUndefined()
  })

  it('gives a verb that writes the dry form it has', async () => {
    const verb = open().verb('numbers', 'reset')
    const preview = verb?.access === 'write' ? verb.preview : undefined
    const input = { arguments: {}, options: {}, actor: 'operator@desk' }
    expect(await preview?.(context, input)).toMatchObject({ report: { headline: 'would reset to 7' } })
    expect(defineJob(spec).verbs.map(({ name, dryForm }) => [name, dryForm])).toEqual([
      ['look', 'none'],
      ['reset', 'offered'],
    ])
  })
})

describe('the registry', () => {
  it('has every kind once', () => {
    const kinds = jobs.map(({ kind }) => kind)
    expect(new Set(kinds).size).toBe(kinds.length)
  })

  it('gives every verb a name of its own', () => {
    for (const { kind, verbs } of jobs) {
      const names = verbs.map(({ group, name }) => `${group} ${name}`)
      expect(new Set(names).size, kind).toBe(names.length)
    }
  })
})
