import { asRowkeeperError, exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { OpenVerb, VerbInput, VerbResult } from './job.ts'
import type { Launch } from './launch.ts'
import { type Opened, openLaunch } from './open.ts'
import { createReleases, type Releases } from './releases.ts'
import { endingOf, endingOfError } from './result.ts'
import { documentOf, startDocument } from './result-document.ts'
import type { Ended } from './runner.ts'
import { openWork, type Work } from './work.ts'

/** A further command of a job: one that writes has lease, ledger row and result document like any run. */
export async function executeVerb(
  launch: Launch,
  name: { readonly group: string; readonly verb: string },
  input: VerbInput,
): Promise<Ended> {
  const started = startDocument(launch, `${name.group} ${name.verb}`)
  const releases = createReleases()
  let work: Work | undefined
  try {
    const verb = launch.opened.verb(name.group, name.verb)
    if (verb === undefined) throw unknownVerb(launch.entry.kind, name)
    const opened = await openLaunch(launch, started.runId, releases)
    work =
      verb.access === 'write'
        ? await openVerbWork(launch, opened, verb, started.head.verb, releases)
        : undefined
    await work?.begin()
    const ended = await runVerb(verb, opened, work, input)
    const { counts, detail, next, report } = ended
    const result = documentOf(started, endingOf(ended), { counts, detail, next })
    await work?.finish(result)
    return { result, report }
  } catch (thrown) {
    const error = asRowkeeperError(thrown)
    const result = documentOf(started, endingOfError(error, 0), { error })
    await work?.finish(result)
    return { result, report: undefined }
  } finally {
    await releases.run()
  }
}

function openVerbWork(
  launch: Launch,
  opened: Opened,
  verb: Extract<OpenVerb, { access: 'write' }>,
  name: string,
  releases: Releases,
): Promise<Work> {
  return openWork(launch, opened, { verb: name, lease: verb.lease, counts: () => ({}) }, releases)
}

async function runVerb(
  verb: OpenVerb,
  { context }: Opened,
  work: Work | undefined,
  input: VerbInput,
): Promise<VerbResult> {
  if (verb.access === 'read') return verb.run(context, input)
  if (work === undefined) throw new TypeError('a verb that writes needs its work')
  return verb.run(work.context, input)
}

function unknownVerb(kind: string, { group, verb }: { group: string; verb: string }): RowkeeperError {
  return new RowkeeperError({
    code: 'usage.unknownVerb',
    message: `A job of kind ${kind} has no command ${group} ${verb}.`,
    hint: 'rowkeeper jobs list',
    exitCode: exitCodes.usage,
  })
}
