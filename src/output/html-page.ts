import { formatCount, formatDuration, plural } from '../lib/units.ts'
import type { ResultDocument, RunStatus } from '../run/result.ts'
import { commandText } from './event-text.ts'
import { renderHtmlSection } from './html-sections.ts'
import { styleSheet } from './html-style.ts'
import { html, type Markup, nothing, trusted } from './html-text.ts'
import type { ReportSummary } from './report-body.ts'
import { effectPhrases } from './text.ts'

export interface RowsColumn {
  readonly name: string
  readonly align: 'text' | 'number'
}

export interface RowsTable {
  readonly columns: readonly RowsColumn[]
  readonly count: number
}

/** The page until the first row. */
export function renderPageStart({ result, report }: ReportSummary, rows: RowsTable): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${result.job}: ${report.headline}</title>
<style>${trusted(styleSheet)}</style>
</head>
<body>
<main>
${renderHeader(result, report.headline)}
${renderCounts(result)}
${renderNotices(result)}
${report.sections.map(renderHtmlSection)}
${rows.count === 0 ? nothing : renderRowsStart(rows)}`
}

/** The page from the last row on. */
export function renderPageEnd({ count }: RowsTable): Markup {
  return html`${
    count === 0
      ? nothing
      : html`</tbody></table></div>
</section>`
  }
</main>
</body>
</html>
`
}

const tones: Record<RunStatus, 'good' | 'caution' | 'bad'> = {
  succeeded: 'good',
  skipped: 'good',
  partial: 'caution',
  stopped: 'caution',
  cancelled: 'caution',
  failed: 'bad',
  refused: 'bad',
  unknown: 'bad',
}

function renderHeader(result: ResultDocument, headline: string): Markup {
  const facts = [
    ['Run', result.runId],
    ['Started', readableTime(result.startedAt)],
    ['Finished', readableTime(result.finishedAt)],
    ['Duration', formatDuration(result.durationMs)],
    ['Effect', effectPhrases[result.effect]],
    ['Exit code', String(result.exitCode)],
  ] as const
  return html`<header>
<p class="job"><span class="badge ${tones[result.status]}">${result.status}</span>
<strong>${result.job}</strong> ${commandText(result)}${result.dryRun ? ', dry run' : ''}</p>
<h1>${headline}</h1>
<dl class="run">
${facts.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
</dl>
</header>`
}

/** `2026-11-22 13:00:12 UTC` */
function readableTime(time: string): string {
  return time.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')
}

function renderCounts({ counts }: ResultDocument): Markup {
  const entries = Object.entries(counts)
  if (entries.length === 0) return nothing
  return html`<ul class="counts">
${entries.map(([name, count]) => html`<li><b>${formatCount(count)}</b> ${readableName(name)}</li>`)}
</ul>`
}

/** `partitionsCreated` → `partitions created` */
function readableName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function renderNotices({ error, warnings, next }: ResultDocument): Markup {
  const failure =
    error === undefined
      ? nothing
      : html`<div class="notice bad"><p><strong>Error</strong> <code>${error.code}</code></p>
<p class="message">${trusted(
          error.message
            .split('\n')
            .map((line) => html`${line}`.markup)
            .join('<br>'),
        )}</p>
${error.hint === undefined ? nothing : html`<p>Next: ${error.hint}</p>`}</div>`
  const cautions = warnings.map(
    ({ code, message }) =>
      html`<div class="notice caution"><p><strong>Warning</strong> <code>${code}</code></p><p>${message}</p></div>`,
  )
  const commands =
    next.length === 0
      ? nothing
      : html`<section><h2>Next</h2><pre>${next.map((command) => html`${command}`)}</pre></section>`
  return html`${failure}${cautions}${commands}`
}

function renderRowsStart({ columns, count }: RowsTable): Markup {
  return html`<section class="rows">
<h2>Rows <span class="quiet">${plural(count, 'row')}</span></h2>
<div class="wide"><table>
<thead><tr>${columns.map(({ name, align }) => html`<th scope="col" class="${align}">${name}</th>`)}</tr></thead>
<tbody>
`
}
