import type { Job } from '../run/job.ts'
import { type CommandSpec, jobArgument, planFlags, runFlags } from './commands.ts'
import type { FilelessKind } from './fileless.ts'
import { flag } from './options.ts'

/** `review approve <job> <item>` and whatever else the kinds of jobs bring along. */
export function verbCommands(jobs: readonly Job[]): readonly CommandSpec[] {
  return jobs.flatMap((kind) => {
    const verbs = kind.verbs.map((verb) => verbCommand(verb))
    const { fileless } = kind
    if (fileless === undefined) return verbs
    const filelessKind = { kind: kind.kind, fileless }
    return [...mainCommands(filelessKind), ...verbs].map((spec) => orFileless(spec, filelessKind))
  })
}

function verbCommand(verb: Job['verbs'][number]): CommandSpec {
  return {
    path: `${verb.group} ${verb.name}`,
    summary: verb.summary,
    arguments: [
      jobArgument,
      ...verb.arguments.map(({ name, description }) => ({ name: `<${name}>`, description })),
    ],
    flags: [
      ...verb.options.map(({ flags, description }) => flag(flags, description)),
      ...(verb.dryForm === 'offered' ? [flag('--dry-run', 'tell what would be done, and do nothing')] : []),
    ],
    load: async () => (await import('./commands/verb.ts')).verbHandler(verb.group, verb.name),
  }
}

/** plan and run as commands of the kind, since those are what takes the flags. */
function mainCommands({ kind, fileless }: FilelessKind): readonly CommandSpec[] {
  const more = fileless.options.map(({ flags, description }) => flag(flags, description))
  return [
    {
      path: `${kind} plan`,
      summary: 'Show what a run would do; writes nothing anywhere',
      arguments: [jobArgument],
      flags: [
        ...more,
        flag(
          '--measure',
          `the same as ${kind} ${fileless.measuring}: asks the server, and takes the time of some rows`,
        ),
        ...planFlags,
      ],
      load: async () => {
        const [{ plan }, { verbHandler }] = await Promise.all([
          import('./commands/plan.ts'),
          import('./commands/verb.ts'),
        ])
        const measure = verbHandler(kind, fileless.measuring)
        return (invocation) => (invocation.options.measure === true ? measure(invocation) : plan(invocation))
      },
    },
    {
      path: `${kind} run`,
      summary: 'Do it, or go on with it',
      arguments: [jobArgument],
      flags: [...more, ...runFlags],
      load: async () => (await import('./commands/run.ts')).run,
    },
  ]
}

const urlFlag = flag('--url <url>', 'without a configuration file: mysql://user:password@host:3306/schema')
const tableFlag = flag('--table <table>', 'without a configuration file: the table')

function orFileless(spec: CommandSpec, kind: FilelessKind): CommandSpec {
  const [, ...others] = spec.arguments
  const command = spec.path.split(' ').at(-1) ?? ''
  return {
    ...spec,
    arguments: [
      { name: '[job]', description: `${jobArgument.description}; with a URL: the table` },
      ...others,
    ],
    flags: [urlFlag, tableFlag, ...spec.flags],
    load: async () => {
      const [handler, { orWithoutFile }] = await Promise.all([spec.load(), import('./fileless.ts')])
      return orWithoutFile(handler, command, kind)
    },
  }
}
