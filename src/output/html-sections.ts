import { unreachable } from '../lib/errors.ts'
import { formatCount } from '../lib/units.ts'
import type {
  BarsSection,
  FactsSection,
  LinesSection,
  ListSection,
  Section,
  TableSection,
} from '../run/report.ts'
import { html, type Markup, nothing } from './html-text.ts'

export function renderHtmlSection(section: Section): Markup {
  const title = section.title === undefined ? nothing : html`<h2>${section.title}</h2>`
  return html`<section>
${title}
${renderBody(section)}
</section>`
}

function renderBody(section: Section): Markup {
  switch (section.type) {
    case 'facts':
      return renderFacts(section)
    case 'table':
      return renderTable(section)
    case 'bars':
      return renderBars(section)
    case 'list':
      return renderList(section)
    case 'lines':
      return renderLines(section)
    default:
      return unreachable(section)
  }
}

function renderFacts({ facts }: Pick<FactsSection, 'facts'>): Markup {
  return html`<dl>
${facts.map(({ label, value }) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
</dl>`
}

function renderTable({ columns, rows, empty }: TableSection): Markup {
  if (rows.length === 0) return html`<p class="quiet">${empty ?? 'none'}</p>`
  const kinds = columns.map(({ align }) => (align === 'right' ? 'number' : 'text'))
  return html`<div class="wide"><table>
<thead><tr>${columns.map(({ name }, index) => html`<th scope="col" class="${kinds[index] ?? 'text'}">${name}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${row.map((value, index) => html`<td class="${kinds[index] ?? 'text'}">${value}</td>`)}</tr>`)}
</tbody>
</table></div>`
}

function renderBars({ bars }: BarsSection): Markup {
  const longest = bars.reduce((best, { value }) => Math.max(best, value), 0)
  const share = (value: number) => (longest > 0 ? ((value / longest) * 100).toFixed(2) : '0')
  return html`<table class="bars"><tbody>
${bars.map(
  ({ label, value, note }) => html`<tr><th scope="row">${label}</th>
<td class="bar"><div style="width: ${share(value)}%"></div></td>
<td class="number">${formatCount(value)}</td><td class="quiet">${note ?? ''}</td></tr>`,
)}
</tbody></table>`
}

function renderList({ order, items }: ListSection): Markup {
  const entries = items.map((item) => html`<li>${item}</li>`)
  return order === 'numbered' ? html`<ol>${entries}</ol>` : html`<ul>${entries}</ul>`
}

function renderLines({ lines }: LinesSection): Markup {
  return html`<pre>${lines.map((line) => html`${line}`)}</pre>`
}
