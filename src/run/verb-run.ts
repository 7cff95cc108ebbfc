import { asRowkeeperError, exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { OpenVerb, VerbInput, VerbResult } from './job.ts'
import type { Launch } from './launch.ts'
import { type Opened, openLaunch } from './open.ts'
import { createReleases, type Releases } from './releases.ts'
import { endingOf, endingOfError } from './result.ts'
import { documentOf, startDocument } from './result-document.ts'
import type { Ended } from './runner.ts'
import { openWork, type Work } from './work.ts'

/**
 * A further command of a job: one that writes has lease, ledger row and result document like any run. With the option
 * `dryRun` its dry form is carried out instead, which has nothing to write with.
 */
export async function executeVerb(
  launch: Launch,
  name: { readonly group: string; readonly verb: string },
  input: VerbInput,
): Promise<Ended> {
  const form = input.options.dryRun === undefined ? 'full' : 'dry'
  const started = startDocument(launch, `${name.group} ${name.verb}`, form)
  const releases = createReleases()
  let work: Work | undefined
  try {
    const verb = findVerb(launch, name, form)
    const opened = await openLaunch(launch, started.runId, releases)
    work =
      verb.access === 'write'
        ? await openVerbWork(launch, opened, verb, started.head.verb, releases)
        : undefined
    await work?.begin()
    const ended = await runVerb(verb, opened, work, input)
    const { counts, detail, next, report, error } = ended
    const ending = error === undefined ? endingOf(ended) : endingOfError(error, ended.changed)
    const result = documentOf(started, ending, { counts, detail, next, error })
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

/** The dry form of one that writes is one that reads. */
function findVerb(
  { opened, entry }: Launch,
  name: { readonly group: string; readonly verb: string },
  form: 'dry' | 'full',
): OpenVerb {
  const verb = opened.verb(name.group, name.verb)
  if (verb === undefined) throw unknownVerb(entry.kind, name)
  if (form === 'full') return verb
  const preview = verb.access === 'write' ? verb.preview : undefined
  if (preview === undefined) throw noDryForm(name)
  return { access: 'read', run: preview }
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

function noDryForm({ group, verb }: { readonly group: string; readonly verb: string }): RowkeeperError {
  return new RowkeeperError({
    code: 'usage.noDryForm',
    message: `${group} ${verb} has no --dry-run.`,
    hint: `rowkeeper ${group} ${verb} --help`,
    exitCode: exitCodes.usage,
  })
}
