import { describeStatement, id } from '../../../src/db/statement.ts'
import { type Token, textOf } from '../../../src/db/table-text.ts'
import { type Age, fractionDigits } from './age.ts'

/**
 * The age column as the archive table has it: NOT NULL, and neither filled nor changed by the clock. TIMESTAMP alone
 * keeps a default: without one, a server with explicit_defaults_for_timestamp=0 gives it ON UPDATE (checked on both).
 * `tokens`: its definition in the source, for its comment; none for a column that is new here.
 */
export function ageColumn({ column, kind }: Pick<Age, 'column' | 'kind'>, tokens: readonly Token[]) {
  const digits = fractionDigits(column)
  const clock = `DEFAULT CURRENT_TIMESTAMP${digits === 0 ? '' : `(${digits})`}`
  const text = [
    quoteName(column.name),
    column.columnType,
    'NOT NULL',
    ...(kind === 'timestamp' ? [clock] : []),
    ...(column.isInvisible ? ['INVISIBLE'] : []),
    ...commentOf(tokens),
  ].join(' ')
  const changed = [
    ...(column.isNullable ? ['NOT NULL'] : []),
    ...(column.hasDefault ? ['without its default'] : []),
    ...(column.onUpdateNow ? ['without ON UPDATE'] : []),
  ]
  return changed.length === 0 ? { text } : { text, changed: `${column.name} ${changed.join(', ')}` }
}

function commentOf(tokens: readonly Token[]): readonly string[] {
  const start = tokens.findIndex(
    ({ kind, text, depth }) => kind === 'word' && text === 'COMMENT' && depth === 1,
  )
  const value = tokens.findIndex(({ kind }, index) => index > start && kind === 'text')
  return start === -1 || value === -1 ? [] : [textOf(tokens.slice(start, value + 1))]
}

export function quoteName(name: string): string {
  return describeStatement(id(name))
}
