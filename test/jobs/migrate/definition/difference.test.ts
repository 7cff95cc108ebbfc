import { describe, expect, it } from 'vitest'
import { describeDifferences, equalDefinitions } from '../../../../jobs/migrate/definition/difference.ts'
import type { TableDefinition } from '../../../../src/db/catalog.ts'
import { column, index, table } from './sample.ts'

const id = column('id', 'int', { isNullable: false, isAutoIncrement: true, hasDefault: true })
const title = column('title', 'varchar(50)', { isNullable: false })
const note = column('note', 'varchar(200)')
const primary = index('PRIMARY', ['id'])
const film = table([id, title], [primary, index('title', ['title'])])

function withColumns(...columns: TableDefinition['columns']): TableDefinition {
  return { ...film, columns }
}

function withIndexes(...indexes: TableDefinition['indexes']): TableDefinition {
  return { ...film, indexes }
}

describe('differences', () => {
  it.each<[what: string, after: TableDefinition, ...lines: readonly string[]]>([
    ['nothing', film],
    ['a new column', withColumns(id, title, note), 'column added: note varchar(200) NULL'],
    ['a column that goes', withColumns(id), 'column dropped: title varchar(50) NOT NULL'],
    [
      'another type',
      withColumns({ ...id, columnType: 'bigint', dataType: 'bigint' }, title),
      'column changed: id int → bigint',
    ],
    [
      'several things of a column',
      withColumns(id, {
        ...title,
        isNullable: true,
        collation: 'utf8mb4_bin',
        hasDefault: true,
        defaultText: "'x'",
      }),
      "column changed: title utf8mb4_general_ci → utf8mb4_bin, NOT NULL → NULL, no default → DEFAULT 'x'",
    ],
    [
      'what is rarely said',
      withColumns({ ...id, isAutoIncrement: false, hasDefault: false, isInvisible: true }, title),
      'column changed: id AUTO_INCREMENT → no AUTO_INCREMENT, VISIBLE → INVISIBLE',
    ],
    [
      'a new column with all of it',
      withColumns(
        id,
        title,
        column('at', 'timestamp', {
          isNullable: false,
          defaultText: 'now()',
          hasDefault: true,
          onUpdateNow: true,
        }),
        column('up', 'varchar(9)', { isGenerated: true, generation: 'stored' }),
      ),
      'column added: at timestamp NOT NULL DEFAULT now() ON UPDATE CURRENT_TIMESTAMP',
      'column added: up varchar(9) NULL stored generated',
    ],
    ['another order', withColumns(title, id), 'columns in another order: title, id'],
    ['another spelling', withColumns(id, { ...title, name: 'Title' }), 'column renamed: title → Title'],
    [
      'a new index',
      withIndexes(...film.indexes, index('u', ['title', 'id'], { isUnique: true })),
      'index added: UNIQUE KEY u (title, id)',
    ],
    ['an index that goes', withIndexes(primary), 'index dropped: KEY title (title)'],
    ['an index under another name', withIndexes(primary, index('t', ['title'])), 'index renamed: title → t'],
    [
      'an index of other columns',
      withIndexes(
        primary,
        index('title', ['title', ''], {
          parts: [
            { column: 'title', prefixLength: 10, isDescending: true },
            { column: undefined, prefixLength: undefined, isDescending: false },
          ],
        }),
      ),
      'index changed: KEY title (title) → KEY title (title(10) DESC, an expression)',
    ],
    [
      'an index of another kind',
      withIndexes(primary, index('title', ['title'], { kind: 'fulltext' })),
      'index changed: KEY title (title) → FULLTEXT KEY title (title)',
    ],
    [
      'another primary key',
      withIndexes(index('PRIMARY', ['id', 'title']), index('title', ['title'])),
      'index changed: PRIMARY KEY (id) → PRIMARY KEY (id, title)',
    ],
    ['another engine', { ...film, engine: 'Aria' }, 'option changed: engine InnoDB → Aria'],
    [
      'other options',
      {
        ...film,
        options: { ...film.options, rowFormat: 'Compressed', createOptions: 'row_format=COMPRESSED' },
      },
      'option changed: row format Dynamic → Compressed',
      'option changed: create options none → row_format=COMPRESSED',
    ],
  ])('are told: %s', (_, after, ...lines) => {
    expect(describeDifferences(film, after)).toEqual(lines)
    expect(equalDefinitions(film, after)).toBe(lines.length === 0)
  })

  it('are none in name, rows and next number', () => {
    const other = {
      ...film,
      name: { schema: 'shop', table: 'film__rk_try' },
      estimatedRows: 5,
      autoIncrement: '7',
      hash: 'x',
    }
    expect(equalDefinitions(film, other)).toBe(true)
    expect(describeDifferences(film, other)).toEqual([])
  })
})

describe('a renamed column', () => {
  const renamed = table([id, { ...title, name: 'name' }], [primary, index('title', ['name'])])

  it('is dropped and added to who does not know', () => {
    expect(describeDifferences(film, renamed)).toEqual([
      'column dropped: title varchar(50) NOT NULL',
      'column added: name varchar(50) NOT NULL',
      'index changed: KEY title (title) → KEY title (name)',
    ])
  })

  it('is one line to who knows, and its index no other', () => {
    expect(describeDifferences(film, renamed, [{ from: 'TITLE', to: 'name' }])).toEqual([
      'column renamed: title → name',
    ])
  })

  it('may take the name of one that goes', () => {
    const both = table([id, note, title])
    const after = table([id, { ...title, name: 'note' }])
    expect(describeDifferences(both, after, [{ from: 'title', to: 'note' }])).toEqual([
      'column dropped: note varchar(200) NULL',
      'column renamed: title → note',
    ])
  })

  it('may leave its name to a new one', () => {
    const after = table([id, { ...title, name: 'name' }, { ...note, name: 'title' }])
    expect(describeDifferences(table([id, title]), after, [{ from: 'title', to: 'name' }])).toEqual([
      'column renamed: title → name',
      'column added: title varchar(200) NULL',
    ])
  })
})
