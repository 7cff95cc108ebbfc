import type { Table } from 'cli-table3'
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
import { breakText, columnsOf } from './column-text.ts'
import { paint, sanitizeText, type TextStyle } from './style.ts'

type TableConstructor = new (options: object) => Table

/** One section as lines without colour codes that carry meaning; no line break at the end. */
export async function renderSection(section: Section, style: TextStyle): Promise<string> {
  const { default: CliTable } = await import('cli-table3')
  const title = section.title === undefined ? [] : [paint(sanitizeText(section.title), 'strong', style)]
  return [...title, ...renderBody(section, style, CliTable)].join('\n')
}

function renderBody(section: Section, style: TextStyle, CliTable: TableConstructor): readonly string[] {
  switch (section.type) {
    case 'facts':
      return renderFacts(section, style, CliTable)
    case 'table':
      return renderTable(section, style, CliTable)
    case 'bars':
      return renderBars(section, style, CliTable)
    case 'list':
      return renderList(section, style)
    case 'lines':
      return renderLines(section)
    default:
      return unreachable(section)
  }
}

function renderFacts(section: FactsSection, style: TextStyle, CliTable: TableConstructor): readonly string[] {
  const rows = section.facts.map(({ label, value }) => [label, value])
  return layOut({ head: [], aligns: ['left', 'left'], rows }, style, CliTable)
}

function renderTable(section: TableSection, style: TextStyle, CliTable: TableConstructor): readonly string[] {
  if (section.rows.length === 0) return [`${INDENT}${sanitizeText(section.empty ?? 'none')}`]
  const head = section.columns.map(({ name }) => name)
  return layOut(
    { head, aligns: section.columns.map(({ align }) => align), rows: section.rows },
    style,
    CliTable,
  )
}

function renderBars(section: BarsSection, style: TextStyle, CliTable: TableConstructor): readonly string[] {
  const longest = largest(section.bars.map(({ value }) => value))
  const rows = section.bars.map(({ label, value, note }) => [
    label,
    drawBar(longest > 0 ? value / longest : 0, BAR_WIDTH),
    formatCount(value),
    note ?? '',
  ])
  return layOut({ head: [], aligns: ['left', 'left', 'right', 'left'], rows }, style, CliTable)
}

function renderList({ order, items }: ListSection, style: TextStyle): readonly string[] {
  const marks = items.map((_, index) => (order === 'numbered' ? `${index + 1}` : '•'))
  const width = largest(marks.map(columnsOf)) + GAP.length
  return items.flatMap((item, index) =>
    breakText(sanitizeText(item), style.width - INDENT.length - width).map(
      (line, at) => INDENT + (at === 0 ? (marks[index] ?? '') : '').padEnd(width) + line,
    ),
  )
}

function renderLines(section: LinesSection): readonly string[] {
  return section.lines.map((line) => `${INDENT}${sanitizeText(line)}`)
}

const INDENT = '  '
const GAP = '  '
const BAR_WIDTH = 30
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar of `ratio` × `width` columns; anything above zero can be seen. */
export function drawBar(ratio: number, width: number): string {
  const eighths = Math.round(Math.min(Math.max(ratio, 0), 1) * width * 8)
  const shown = ratio > 0 ? Math.max(eighths, 1) : 0
  return '█'.repeat(Math.floor(shown / 8)) + (EIGHTHS[shown % 8] ?? '')
}

interface Grid {
  readonly head: readonly string[]
  readonly aligns: readonly ('left' | 'right')[]
  readonly rows: readonly (readonly string[])[]
}

/**
 * Columns by white space and one rule under the head: readable without colour, greppable, and safe to paste. In pages,
 * because cli-table3's time grows with the square of the rows: 16,000 took 5.8 s at once.
 */
function layOut(grid: Grid, style: TextStyle, CliTable: TableConstructor): readonly string[] {
  const head = grid.head.map(sanitizeText)
  const rows = grid.rows.map((row) => row.map(sanitizeText))
  const starts = Array.from({ length: Math.ceil(rows.length / PAGE_ROWS) }, (_, page) => page * PAGE_ROWS)
  const widths = fitWidths([head, ...rows], grid.aligns, style.width)
  return starts.flatMap((start) => {
    const table = new CliTable({
      head: start === 0 ? head.map((name) => paint(name, 'quiet', style)) : [],
      colAligns: [...grid.aligns],
      colWidths: [...widths],
      style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
      chars: borders,
    })
    const page = rows.slice(start, start + PAGE_ROWS)
    table.push(...page.map((row) => row.map((cell, column) => wrapCell(cell, widths[column]))))
    return table
      .toString()
      .split('\n')
      .map((line) => line.trimEnd())
  })
}

const PAGE_ROWS = 250

function wrapCell(text: string, width = Number.POSITIVE_INFINITY): string {
  return breakText(text, width).join('\n')
}

const borders = {
  ...Object.fromEntries(
    ['top', 'bottom', 'left', 'right'].flatMap((side) => [side, `${side}-mid`].map((name) => [name, ''])),
  ),
  'top-left': '',
  'top-right': '',
  'bottom-left': '',
  'bottom-right': '',
  left: INDENT,
  'left-mid': INDENT,
  mid: '─',
  'mid-mid': GAP,
  middle: GAP,
}

/**
 * Column widths that fit into `width` terminal columns. Only the widest left-aligned column gives way and wraps: a
 * number broken in two is a wrong number.
 */
function fitWidths(
  rows: readonly (readonly string[])[],
  aligns: readonly ('left' | 'right')[],
  width: number,
): readonly number[] {
  const natural = aligns.map((_, column) => largest(rows.map((row) => columnsOf(row[column] ?? ''))))
  const used = INDENT.length + GAP.length * (aligns.length - 1) + natural.reduce((sum, size) => sum + size, 0)
  const widest = natural.reduce(
    (best, size, column) => (aligns[column] === 'left' && size > (natural[best] ?? 0) ? column : best),
    aligns.indexOf('left'),
  )
  return natural.map((size, column) =>
    used > width && column === widest ? Math.max(size - (used - width), MINIMUM_WIDTH) : size,
  )
}

const MINIMUM_WIDTH = 12

/** Spreading into Math.max would overflow the stack from about 120,000 values on. */
function largest(values: readonly number[]): number {
  return values.reduce((best, value) => Math.max(best, value), 0)
}
