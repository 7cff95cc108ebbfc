import type { EffectiveValue } from './effective.ts'
import { hashJob } from './hash.ts'
import { type Config, databaseConfig, type JobEntry, serviceConfig } from './schema.ts'
import { commonKeys, type FileFrame, jobBase, ownKeys } from './sections.ts'

/** The configuration as the program uses it. Everything in it was checked before. */
export function buildConfig(frame: FileFrame, values: readonly EffectiveValue[]): Config {
  const jobs = mapEntries(frame.jobs, buildJob)
  return {
    databases: mapEntries(frame.databases, (_, input) => databaseConfig.parse(input)),
    services: mapEntries(frame.services, (_, input) => serviceConfig.parse(input)),
    jobs,
    hash: (jobName) => hashJob(jobs[jobName], values),
  }
}

function buildJob(name: string, input: Readonly<Record<string, unknown>>): JobEntry {
  return { name, ...jobBase.parse(commonKeys(input)), input: ownKeys(input) }
}

/** Without a prototype: a name such as `constructor` finds nothing unless it was configured. */
function mapEntries<Input, Output>(
  entries: Readonly<Record<string, Input>>,
  map: (name: string, input: Input) => Output,
): Readonly<Record<string, Output>> {
  const empty: Record<string, Output> = Object.create(null)
  return Object.entries(entries).reduce((built, [name, input]) => {
    built[name] = map(name, input)
    return built
  }, empty)
}
