import { describe, expect, it } from 'vitest'
import { planArchiveTable } from '../../../../jobs/archive/partitions/create.ts'
import type { Column, Index } from '../../../../src/db/catalog.ts'
import { column, index, table } from './sample.ts'

const age = { column: column('date', { isNullable: true, hasDefault: true }), kind: 'date' } as const
const columns = [
  column('bigint unsigned', { name: 'id', isAutoIncrement: true, hasDefault: true }),
  age.column,
  column('varchar(50)', { name: 'note' }),
]
const indexes = [index('PRIMARY', ['id']), index('note', ['note'], { isUnique: true })]

function make(createText: string, more: { columns?: readonly Column[]; indexes?: readonly Index[] } = {}) {
  const source = table('orders', more.columns ?? columns, more.indexes ?? indexes)
  const plan = planArchiveTable({
    source,
    createText,
    age,
    key: index('PRIMARY', ['id']),
    months: ['2005-07', '2005-06'],
    zone: 'UTC',
    target: { schema: 'shop', table: 'orders_archive' },
    family: 'mariadb',
  })
  if ('problem' in plan) throw new Error(plan.problem)
  return { ...plan, text: plan.statements.map(({ chunks }) => chunks.join('?')).join(';\n') }
}

const ordinary = `CREATE TABLE \`orders\` (
  \`id\` bigint unsigned NOT NULL AUTO_INCREMENT COMMENT 'the AUTO_INCREMENT, (key)',
  \`created_at\` date DEFAULT '2000-01-01' COMMENT 'it''s, its age',
  \`note\` varchar(50) DEFAULT 'UNIQUE KEY, (a)' /*!80023 INVISIBLE */,
  PRIMARY KEY (\`id\`) USING BTREE,
  UNIQUE KEY \`note\` (\`note\`(10) DESC) COMMENT 'UNIQUE',
  FULLTEXT KEY \`words\` (\`note\`),
  CONSTRAINT \`fk, \`\`odd\` FOREIGN KEY (\`note\`) REFERENCES \`p\` (\`id\`) ON DELETE CASCADE,
  CONSTRAINT \`positive\` CHECK ((\`id\` > 0)) /*!80016 NOT ENFORCED */
) /*!50100 TABLESPACE \`ts\` */ ENGINE=InnoDB AUTO_INCREMENT=777 DEFAULT CHARSET=utf8mb4 DATA DIRECTORY='/data/x y/' COMMENT='AUTO_INCREMENT=5 PARTITION BY \\'x'`

describe('an archive table', () => {
  it('is made whole by one statement', () => {
    expect(make(ordinary).text).toMatchInlineSnapshot(`
      "/* rowkeeper archive.create-table */ CREATE TABLE \`shop\`.\`orders_archive\` (
        \`id\` bigint unsigned NOT NULL COMMENT 'the AUTO_INCREMENT, (key)',
        \`created_at\` date NOT NULL COMMENT 'it''s, its age',
        \`note\` varchar(50) DEFAULT 'UNIQUE KEY, (a)' /*!80023 INVISIBLE */,
        PRIMARY KEY (\`id\`,\`created_at\`) USING BTREE,
        KEY \`note\` (\`note\`(10) DESC) COMMENT 'UNIQUE'
      ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='AUTO_INCREMENT=5 PARTITION BY \\'x'
      PARTITION BY RANGE COLUMNS (\`created_at\`) (
        PARTITION \`p200506\` VALUES LESS THAN ('2005-07-01'),
        PARTITION \`p200507\` VALUES LESS THAN ('2005-08-01')
      )"
    `)
  })

  it('says what it left out and what it changed', () => {
    const { leftOut, changed } = make(ordinary)
    expect(leftOut).toEqual([
      'AUTO_INCREMENT of id',
      'FULLTEXT index words',
      'foreign key fk, `odd',
      'check positive',
    ])
    expect(changed).toEqual([
      'created_at NOT NULL, without its default',
      'PRIMARY extended by created_at',
      'note a plain index',
    ])
  })

  it('keeps what an exchange of partitions compares, where the source is partitioned', () => {
    const { text, leftOut } = make(
      `CREATE TABLE \`orders\` (
  \`id\` bigint unsigned NOT NULL AUTO_INCREMENT,
  \`created_at\` date NOT NULL,
  PRIMARY KEY (\`id\`,\`created_at\`),
  UNIQUE KEY \`note\` (\`note\`,\`created_at\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
/*!50500 PARTITION BY RANGE  COLUMNS(created_at)
(PARTITION p1 VALUES LESS THAN ('2005-07-01') ENGINE = InnoDB) */`,
      {
        indexes: [
          index('PRIMARY', ['id', 'created_at']),
          index('note', ['note', 'created_at'], { isUnique: true }),
        ],
      },
    )
    expect(leftOut).toEqual([])
    expect(text).toContain('`id` bigint unsigned NOT NULL AUTO_INCREMENT')
    expect(text).toContain('PRIMARY KEY (`id`,`created_at`)')
    expect(text).toContain('UNIQUE KEY `note` (`note`,`created_at`)')
    expect(text.match(/PARTITION BY/g)).toHaveLength(1)
  })

  it('leaves out a unique index that only a hash can hold', () => {
    const { text, leftOut } = make(
      'CREATE TABLE `orders` (\n  `id` int(11) NOT NULL,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `long` (`note`) USING HASH\n) ENGINE=InnoDB',
      { indexes: [index('PRIMARY', ['id']), index('long', ['note'], { isUnique: true, kind: 'hash' })] },
    )
    expect(leftOut).toContain('unique index long over long values')
    expect(text).not.toContain('HASH')
  })

  it.each<[string, string, readonly Column[]]>([
    [
      'spatial columns',
      'CREATE TABLE `o` (\n  `p` point NOT NULL\n) ENGINE=InnoDB',
      [column('point', { name: 'p' })],
    ],
    [
      'PERIOD FOR',
      'CREATE TABLE `o` (\n  `id` int,\n  PERIOD FOR `valid` (`a`, `b`)\n) ENGINE=InnoDB',
      columns,
    ],
    ['SYSTEM VERSIONING', 'CREATE TABLE `o` (\n  `id` int\n) ENGINE=InnoDB WITH SYSTEM VERSIONING', columns],
  ])('is not made of a table with %s', (word, text, own) => {
    expect(() => make(text, { columns: own })).toThrow(word)
  })
})
