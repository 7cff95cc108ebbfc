import { describe, expect, it } from 'vitest'
import { comparableCreate } from '../../../../jobs/migrate/definition/comparable-create.ts'
import { renameConstraints } from '../../../../jobs/migrate/definition/constraint-names.ts'
import { retargetCreate } from '../../../../jobs/migrate/definition/create-text.ts'
import { withoutSecondaryIndexes } from '../../../../jobs/migrate/definition/secondary-indexes.ts'

const shadow = { schema: 'shop', table: 'film__rk_new' }
const start = 'CREATE TABLE `shop`.`film__rk_new` '

describe('a CREATE TABLE for another name', () => {
  it.each([
    ['CREATE TABLE film (id INT)', '(id INT)'],
    ['create table film(id INT);', '(id INT)'],
    [
      'CREATE TABLE `film` (\n  `id` int NOT NULL\n) ENGINE=InnoDB',
      '(\n  `id` int NOT NULL\n) ENGINE=InnoDB',
    ],
    ['CREATE TABLE IF NOT EXISTS shop.film (id INT)', '(id INT)'],
    ['CREATE OR REPLACE TABLE `shop` . `film` (id INT)', '(id INT)'],
    ['CREATE TABLE `fi``lm (x)` (id INT)', '(id INT)'],
    ['/* why */ CREATE /* x */ TABLE film -- note\n(id INT) # end', '(id INT)'],
    [
      "CREATE TABLE film (a INT COMMENT 'SELECT; LIKE') COMMENT='AS SELECT'",
      "(a INT COMMENT 'SELECT; LIKE') COMMENT='AS SELECT'",
    ],
    ['CREATE TABLE film (`like` INT, `select` INT)', '(`like` INT, `select` INT)'],
    [
      'CREATE TABLE film (id INT) PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (9))',
      '(id INT) PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (9))',
    ],
    [
      'CREATE TABLE film (id INT) UNION=(a, b) WITH SYSTEM VERSIONING',
      '(id INT) UNION=(a, b) WITH SYSTEM VERSIONING',
    ],
  ])('is made of %s', (text, body) => {
    expect(retargetCreate(text, shadow)).toBe(start + body)
  })

  it('keeps the spaces in names', () => {
    expect(retargetCreate('CREATE TABLE a (id INT)', { schema: 's  p', table: 'a`b' })).toBe(
      'CREATE TABLE `s  p`.`a``b` (id INT)',
    )
  })

  it.each([
    ['migrate.createOther', 'ALTER TABLE film ADD a INT'],
    ['migrate.createOther', ''],
    ['migrate.createOther', 'CREATE VIEW film AS SELECT 1'],
    ['migrate.createOther', '/*!50000 CREATE TABLE film (a INT) */'],
    ['migrate.createTemporary', 'CREATE TEMPORARY TABLE film (a INT)'],
    ['migrate.createTemporary', 'CREATE OR REPLACE TEMPORARY TABLE film (a INT)'],
    ['migrate.createUnnamed', 'CREATE TABLE "film" (a INT)'],
    ['migrate.createLike', 'CREATE TABLE film LIKE actor'],
    ['migrate.createLike', 'CREATE TABLE film (LIKE actor)'],
    ['migrate.createSelect', 'CREATE TABLE film SELECT * FROM actor'],
    ['migrate.createSelect', 'CREATE TABLE film AS SELECT 1'],
    ['migrate.createSelect', 'CREATE TABLE film (a INT) SELECT 1 AS a'],
    ['migrate.createSelect', 'CREATE TABLE film (a INT) ENGINE=InnoDB AS (SELECT 1 AS a)'],
    ['migrate.createSelect', 'CREATE TABLE film (a INT) IGNORE SELECT 1 AS a'],
    ['migrate.createSelect', 'CREATE TABLE film (SELECT 1 AS a)'],
    ['migrate.createSelect', 'CREATE TABLE film (WITH x AS (SELECT 1) SELECT * FROM x)'],
    ['migrate.createSelect', 'CREATE TABLE film (a INT) TABLE actor'],
    ['migrate.createSelect', 'CREATE TABLE film (a INT) VALUES ROW(1)'],
    ['migrate.createEmpty', 'CREATE TABLE film'],
    ['migrate.createSeveral', 'CREATE TABLE film (a INT); DROP TABLE actor'],
    ['migrate.createUnfinished', "CREATE TABLE film (a INT COMMENT 'x)"],
    ['migrate.createUnfinished', 'CREATE TABLE film (a INT'],
  ])('is refused as %s: %s', (code, text) => {
    expect(retargetCreate(text, shadow)).toMatchObject({ code })
  })
})

const film = `CREATE TABLE \`film\` (
  \`id\` int NOT NULL AUTO_INCREMENT,
  \`title\` varchar(50) DEFAULT 'KEY, (a)' COMMENT 'AUTO_INCREMENT=5',
  \`actor\` int DEFAULT NULL,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`title\` (\`title\`(10) DESC) COMMENT 'a, b',
  KEY \`actor\` (\`actor\`) /*!80000 INVISIBLE */,
  FULLTEXT KEY \`words\` (\`title\`),
  CONSTRAINT \`film_actor\` FOREIGN KEY (\`actor\`) REFERENCES \`actor\` (\`id\`) ON DELETE CASCADE,
  CONSTRAINT \`po\`\`sitive\` CHECK ((\`id\` > 0)) /*!80016 NOT ENFORCED */
) ENGINE=InnoDB AUTO_INCREMENT=777 DEFAULT CHARSET=utf8mb4 COMMENT='x AUTO_INCREMENT=5'`

describe('a table without its secondary indexes', () => {
  it('gives them as clauses, in order', () => {
    const lean = withoutSecondaryIndexes(film, { keep: [], foreignKeys: 'out' })
    expect(lean.indexClauses).toEqual([
      "ADD UNIQUE KEY `title` (`title`(10) DESC) COMMENT 'a, b'",
      'ADD KEY `actor` (`actor`) /*!80000 INVISIBLE */',
      'ADD FULLTEXT KEY `words` (`title`)',
    ])
    expect(lean.foreignKeyClauses).toEqual([
      'ADD CONSTRAINT `film_actor` FOREIGN KEY (`actor`) REFERENCES `actor` (`id`) ON DELETE CASCADE',
    ])
    expect(lean.create).toBe(`CREATE TABLE \`film\` (
  \`id\` int NOT NULL AUTO_INCREMENT,
  \`title\` varchar(50) DEFAULT 'KEY, (a)' COMMENT 'AUTO_INCREMENT=5',
  \`actor\` int DEFAULT NULL,
  PRIMARY KEY (\`id\`),
  CONSTRAINT \`po\`\`sitive\` CHECK ((\`id\` > 0)) /*!80016 NOT ENFORCED */
) ENGINE=InnoDB AUTO_INCREMENT=777 DEFAULT CHARSET=utf8mb4 COMMENT='x AUTO_INCREMENT=5'`)
  })

  it('keeps those that are named, and foreign keys when asked', () => {
    const lean = withoutSecondaryIndexes(film, { keep: ['TITLE', 'words'], foreignKeys: 'kept' })
    expect(lean.indexClauses).toEqual(['ADD KEY `actor` (`actor`) /*!80000 INVISIBLE */'])
    expect(lean.foreignKeyClauses).toEqual([])
    expect(lean.create).toContain('UNIQUE KEY `title`')
    expect(lean.create).toContain('CONSTRAINT `film_actor`')
  })

  const numbered = (keys: string) =>
    `CREATE TABLE \`t\` (\n  \`a\` int NOT NULL,\n  \`n\` int NOT NULL AUTO_INCREMENT,\n  ${keys}\n) ENGINE=InnoDB`
  it.each<[string, string, readonly string[], readonly string[]]>([
    [
      'keeps the first index that AUTO_INCREMENT needs',
      'PRIMARY KEY (`a`,`n`),\n  KEY `b` (`a`),\n  KEY `n` (`n`),\n  UNIQUE KEY `n2` (`n`,`a`)',
      [],
      ['ADD KEY `b` (`a`)', 'ADD UNIQUE KEY `n2` (`n`,`a`)'],
    ],
    [
      'needs none beside a primary key that begins with the column',
      'PRIMARY KEY (`n`,`a`),\n  KEY `n` (`n`)',
      [],
      ['ADD KEY `n` (`n`)'],
    ],
    [
      'needs none beside another that is kept',
      'KEY `n` (`n`),\n  UNIQUE KEY `n2` (`n`,`a`)',
      ['n2'],
      ['ADD KEY `n` (`n`)'],
    ],
  ])('%s', (_, keys, keep, clauses) => {
    expect(withoutSecondaryIndexes(numbered(keys), { keep, foreignKeys: 'out' }).indexClauses).toEqual(
      clauses,
    )
  })

  it('keeps partitions', () => {
    const text =
      'CREATE TABLE `t` (\n  `a` int,\n  KEY `a` (`a`)\n) ENGINE=InnoDB\n/*!50100 PARTITION BY HASH (`a`)\nPARTITIONS 4 */'
    expect(withoutSecondaryIndexes(text, { keep: [], foreignKeys: 'out' }).create).toBe(
      'CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB\n/*!50100 PARTITION BY HASH (`a`)\nPARTITIONS 4 */',
    )
  })
})

describe('constraints under other names', () => {
  const rename = (name: string) => `_${name}`

  it('are foreign keys and checks on MySQL', () => {
    const { create, renames } = renameConstraints(film, { family: 'mysql', rename })
    expect(renames).toEqual([
      { from: 'film_actor', to: '_film_actor' },
      { from: 'po`sitive', to: '_po`sitive' },
    ])
    expect(create).toBe(film.replace('`film_actor`', '`_film_actor`').replace('`po``', '`_po``'))
  })

  it('are foreign keys alone on MariaDB', () => {
    const { create, renames } = renameConstraints(film, { family: 'mariadb', rename })
    expect(renames).toEqual([{ from: 'film_actor', to: '_film_actor' }])
    expect(create).toContain('CONSTRAINT `po``sitive` CHECK')
  })

  it('are not told when they keep their names', () => {
    expect(renameConstraints(film, { family: 'mysql', rename: (name) => name })).toEqual({
      create: film,
      renames: [],
    })
  })

  it.each(['a`b', 'a`b`c', 'a`'])(
    'are not guessed where the server prints %s without doubling it',
    (name) => {
      const text = film.replace('film_actor', name)
      expect(() => renameConstraints(text, { family: 'mariadb', rename })).toThrow('cannot be read')
    },
  )
})

describe('two tables', () => {
  it('compare without name, next number and order of keys', () => {
    const other = film
      .replace('CREATE TABLE `film`', 'CREATE TABLE `film__rk_try`')
      .replace(' AUTO_INCREMENT=777', '')
      .replace('  FULLTEXT KEY `words` (`title`),\n', '')
      .replace('  PRIMARY KEY', '  FULLTEXT KEY `words` (`title`),\n  PRIMARY KEY')
    expect(other).not.toBe(film)
    expect(comparableCreate(other)).toBe(comparableCreate(film))
  })

  it.each([
    ["COMMENT 'AUTO_INCREMENT=5'", "COMMENT 'AUTO_INCREMENT=6'"],
    ["COMMENT='x AUTO_INCREMENT=5'", "COMMENT='x AUTO_INCREMENT=6'"],
    ['`id` > 0', '`id` > 1'],
    ['ON DELETE CASCADE', 'ON DELETE SET NULL'],
    ['INVISIBLE', 'VISIBLE'],
    ['AUTO_INCREMENT,', ','],
  ])('differ by %s', (from, to) => {
    expect(comparableCreate(film.replace(from, to))).not.toBe(comparableCreate(film))
  })
})
