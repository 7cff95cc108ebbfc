import type { Effect, RowkeeperError } from '../lib/errors.ts'
import { formatDuration } from '../lib/units.ts'
import type { Finding, Warning } from '../run/events.ts'
import type { Report } from '../run/report.ts'
import type { ResultDocument, RunStatus } from '../run/result.ts'
import { renderSection } from './section-text.ts'
import { paint, sanitizeText, type TextStyle, type Tone } from './style.ts'

/** Headline and sections, a blank line between them. Ends with a line break, like everything here. */
export async function renderReport(report: Report, style: TextStyle): Promise<string> {
  const sections = await Promise.all(report.sections.map((section) => renderSection(section, style)))
  return joinBlocks([paint(sanitizeText(report.headline), 'strong', style), ...sections])
}

/** Report, warnings, the error with its hint, the commands to run next, and last the status line. */
export async function renderResult(
  result: ResultDocument,
  report: Report | undefined,
  style: TextStyle,
): Promise<string> {
  const blocks = [
    report === undefined ? '' : (await renderReport(report, style)).trimEnd(),
    result.warnings.map((warning) => describeWarning(warning, style)).join('\n'),
    result.error === undefined ? '' : describeFailure(result.error, style),
    result.next.map((command) => nextLine(command, style)).join('\n'),
    statusLine(result, style),
  ]
  return joinBlocks(blocks)
}

/** What went wrong, what it did to the data, and what to do next. */
export function renderError(error: RowkeeperError, style: TextStyle): string {
  return `${describeFailure(error, style, effectSentences[error.effect])}\n`
}

/** One line per finding, the worst first, each followed by how to put it right. */
export function renderFindings(findings: readonly Finding[], style: TextStyle): string {
  const rank = (finding: Finding) => severities[finding.severity].rank
  return findings
    .toSorted((first, second) => rank(first) - rank(second))
    .map((finding) => `${describeFinding(finding, style)}\n`)
    .join('')
}

export function describeFinding(finding: Finding, style: TextStyle): string {
  const { label, tone } = severities[finding.severity]
  const evidence = `${paint(label, tone, style)}  ${sanitizeText(finding.id)}: ${sanitizeText(finding.evidence)}`
  return finding.fix === undefined ? evidence : `${evidence}\n         fix: ${sanitizeText(finding.fix)}`
}

const severities: Record<Finding['severity'], { rank: number; label: string; tone: Tone }> = {
  error: { rank: 0, label: 'error  ', tone: 'bad' },
  warning: { rank: 1, label: 'warning', tone: 'caution' },
  ok: { rank: 2, label: 'ok     ', tone: 'good' },
}

export function describeWarning({ code, message }: Warning, style: TextStyle): string {
  return `${paint('warning:', 'caution', style)} ${sanitizeText(message)} (${sanitizeText(code)})`
}

function describeFailure(
  failure: { readonly code: string; readonly message: string; readonly hint?: string | undefined },
  style: TextStyle,
  effect?: string,
): string {
  const message = `${indentRest(failure.message)} (${sanitizeText(failure.code)})`
  return [
    `${paint('error:', 'bad', style)} ${message}`,
    ...(effect === undefined ? [] : [effect]),
    ...(failure.hint === undefined ? [] : [nextLine(failure.hint, style)]),
  ].join('\n')
}

/** A list inside a message keeps its lines, indented, so that no foreign line can pass for one of ours. */
function indentRest(message: string): string {
  return message.split('\n').map(sanitizeText).join('\n  ')
}

function nextLine(text: string, style: TextStyle): string {
  return `${paint('next:', 'strong', style)} ${indentRest(text)}`
}

const effectSentences: Record<Effect, string> = {
  none: 'Nothing was changed.',
  partial: 'Part of the changes was made and stays.',
  complete: 'All changes were made.',
  unknown: 'Whether anything was changed is not known.',
}

export const effectPhrases: Record<Effect, string> = {
  none: 'nothing was changed',
  partial: 'part of the changes was made',
  complete: 'all changes were made',
  unknown: 'what was changed is not known',
}

const statuses: Record<RunStatus, { text: (duration: string) => string; tone: Tone }> = {
  succeeded: { text: (duration) => `succeeded in ${duration}`, tone: 'good' },
  partial: { text: (duration) => `finished in ${duration}, something is left over`, tone: 'caution' },
  failed: { text: (duration) => `failed after ${duration}`, tone: 'bad' },
  refused: { text: (duration) => `refused after ${duration}`, tone: 'bad' },
  cancelled: { text: (duration) => `cancelled after ${duration}`, tone: 'caution' },
  skipped: { text: () => 'skipped, this slot was already taken', tone: 'plain' },
  stopped: {
    text: (duration) => `stopped after ${duration}${RESUMES}`,
    tone: 'caution',
  },
  unknown: {
    text: (duration) => `ended after ${duration} with an unknown outcome, a person must look`,
    tone: 'bad',
  },
}

// Of a plan nothing is kept, so nothing goes on.
const RESUMES = ', the next run goes on from there'

/** `succeeded in 12 s (run 0198…, nothing was changed)`, with the exit code when it is not 0. */
export function statusLine(result: ResultDocument, style: TextStyle): string {
  const { text, tone } = statuses[result.status]
  const words = text(formatDuration(result.durationMs))
  const notes = [
    `run ${sanitizeText(result.runId)}`,
    effectPhrases[result.effect],
    ...(result.exitCode === 0 ? [] : [`exit code ${result.exitCode}`]),
  ]
  const said = result.dryRun ? `dry run ${words.replace(RESUMES, '')}` : words
  return `${paint(said, tone, style)} (${notes.join(', ')})`
}

function joinBlocks(blocks: readonly string[]): string {
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`
}
