import { z } from 'zod'
import type {
  Destination,
  Job,
  JobBinding,
  JobSettings,
  JobSpec,
  OpenJob,
  OpenVerb,
  Outcome,
  Page,
  PlannedPage,
  RunningResult,
  Verb,
} from './job.ts'
import { unreadablePlan } from './plan-file.ts'
import { notConfigured, schemaOf } from './settings.ts'

/** Fixes a spec's types; what is returned has none left to get wrong. */
export function defineJob<Config, Plan, Result extends Outcome>(spec: JobSpec<Config, Plan, Result>): Job {
  return {
    kind: spec.kind,
    summary: spec.summary,
    schema: spec.schema,
    service: spec.service,
    fileless: spec.fileless,
    verbs: spec.verbs.map((verb) => ({ ...verb, dryForm: 'preview' in verb ? 'offered' : 'none' })),
    open: ({ input, ...binding }) => {
      const options = spec.schema.parse(input)
      const destination = findDestination(spec.destination?.(options), binding)
      return openJob(spec, { ...binding, options, destination })
    },
  }
}

/** A second connection to the job's own database would only be a slower way there. */
function findDestination(
  wanted: { readonly database: string; readonly table: string } | undefined,
  { database, databases }: Pick<JobBinding, 'database' | 'databases'>,
): Destination | undefined {
  if (wanted === undefined) return undefined
  const config = databases[wanted.database]
  if (config === undefined) throw notConfigured('database', wanted.database)
  if (config === database) return undefined
  const schema = schemaOf(config)
  return { name: wanted.database, config, schema, lease: `${schema}.${wanted.table}` }
}

function openJob<Config, Plan, Result extends Outcome>(
  spec: JobSpec<Config, Plan, Result>,
  settings: JobSettings<Config>,
): OpenJob {
  // The plan behind a page, reachable only from here: a page of another job is not in this map.
  const plans = new WeakMap<PlannedPage, Plan>()
  const planOf = (page: PlannedPage): Plan => {
    const plan = plans.get(page)
    if (plan === undefined) throw new TypeError('this page was planned by another job')
    return plan
  }
  const wrap = ({ plan, next }: Page<Plan>): PlannedPage => {
    const page: PlannedPage = {
      next,
      add: (other) => wrap({ plan: spec.addPlans(plan, planOf(other)), next: other.next }),
      describe: () => spec.describePlan(settings, plan),
      document: plan,
      rows: () => spec.rows(plan, spec.emptyResult),
    }
    plans.set(page, plan)
    return page
  }
  return {
    lease: spec.target(settings),
    destination: settings.destination,
    pages: spec.pages(settings),
    checks: spec.checks.map((check) => ({ ...check, look: (context) => check.look(context, settings) })),
    definition: (context) => spec.definition(context, settings),
    plan: async (context, from) => wrap(await spec.plan(context, settings, from)),
    load: (saved) => wrap({ plan: readSavedPlan(spec, saved), next: undefined }),
    empty: () => wrap({ plan: spec.emptyPlan, next: undefined }),
    startResult: () => startResult(spec, settings, planOf),
    verb: (group, name) => openVerb(spec.verbs, settings, group, name),
  }
}

function readSavedPlan<Config, Plan, Result extends Outcome>(
  spec: JobSpec<Config, Plan, Result>,
  saved: unknown,
): Plan {
  const parsed = spec.savedPlan.safeParse(saved)
  if (parsed.success) return parsed.data
  throw unreadablePlan('The saved plan', z.prettifyError(parsed.error))
}

function startResult<Config, Plan, Result extends Outcome>(
  spec: JobSpec<Config, Plan, Result>,
  settings: JobSettings<Config>,
  planOf: (page: PlannedPage) => Plan,
): RunningResult {
  let total = spec.emptyResult
  return {
    async execute(context, page) {
      const plan = planOf(page)
      let ofPage = spec.emptyResult
      await spec.execute(context, settings, plan, {
        get soFar() {
          return total
        },
        add(part) {
          total = spec.addResults(total, part)
          ofPage = spec.addResults(ofPage, part)
        },
      })
      return spec.rows(plan, ofPage)
    },
    get outcome() {
      return total
    },
    report: () => spec.report(settings, total),
  }
}

function openVerb<Config>(
  verbs: readonly Verb<Config>[],
  settings: JobSettings<Config>,
  group: string,
  name: string,
): OpenVerb | undefined {
  const verb = verbs.find((candidate) => candidate.group === group && candidate.name === name)
  if (verb === undefined) return undefined
  if (verb.access === 'read')
    return { access: 'read', run: (context, input) => verb.run(context, settings, input) }
  const { preview } = verb
  return {
    access: 'write',
    lease: verb.lease(settings),
    preview: preview && ((context, input) => preview(context, settings, input)),
    run: (context, input) => verb.run(context, settings, input),
  }
}
