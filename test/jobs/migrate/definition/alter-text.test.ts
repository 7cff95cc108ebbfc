import { describe, expect, it } from 'vitest'
import type { AlterClause } from '../../../../jobs/migrate/definition/alter-model.ts'
import { readAlter } from '../../../../jobs/migrate/definition/alter-text.ts'
import { alterOf as read } from './sample.ts'

const film = { schema: 'shop', table: 'film' }

/** `addColumn a | INT | first`: what differs from clause to clause, in one line. */
function describeClause({ text, isConditional, ...subject }: AlterClause): string {
  const condition = isConditional ? ['maybe'] : []
  return [...Object.values(subject).map(describeValue), ...condition]
    .filter((word) => word !== '')
    .join(' | ')
}

function describeValue(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(describeValue).join(',')
  return Object.entries(value as object)
    .flatMap(([key, part]) => describePart(key, part))
    .join(' ')
}

function describePart(key: string, part: unknown): readonly string[] {
  if (key === 'isDescending') return part === true ? ['desc'] : []
  if (key === 'column' && part === undefined) return ['expression']
  return part === undefined ? [] : [String(part)]
}

describe('a clause', () => {
  it.each<[text: string, ...clauses: readonly string[]]>([
    ['ADD COLUMN note VARCHAR(200) NULL', 'addColumn | note | VARCHAR(200) NULL'],
    ['add note varchar(200)', 'addColumn | note | varchar(200)'],
    ['ADD `note` TEXT', 'addColumn | note | TEXT'],
    ['ADD a INT FIRST', 'addColumn | a | INT | first'],
    ['ADD a INT AFTER b', 'addColumn | a | INT | after b'],
    ['ADD a INT NOT NULL DEFAULT 0 after `b c`', 'addColumn | a | INT NOT NULL DEFAULT 0 | after b c'],
    ['ADD first INT', 'addColumn | first | INT'],
    ['ADD after INT AFTER after', 'addColumn | after | INT | after after'],
    ["ADD a INT COMMENT 'FIRST'", "addColumn | a | INT COMMENT 'FIRST'"],
    ["ADD a INT COMMENT 'AFTER b' FIRST", "addColumn | a | INT COMMENT 'AFTER b' | first"],
    ['ADD COLUMN (a INT, b INT)', 'addColumn | a | INT', 'addColumn | b | INT'],
    [
      'ADD (a DECIMAL(10,2), INDEX (a), CHECK (a > 0))',
      'addColumn | a | DECIMAL(10,2)',
      'addIndex | key | a',
      'addCheck',
    ],
    ['ADD COLUMN IF NOT EXISTS a INT', 'addColumn | a | INT | maybe'],
    ['ADD COLUMN IF NOT EXISTS (a INT, b INT)', 'addColumn | a | INT | maybe', 'addColumn | b | INT | maybe'],
    ["ADD e ENUM('a','b,c','d)') DEFAULT 'b,c'", "addColumn | e | ENUM('a','b,c','d)') DEFAULT 'b,c'"],
    [
      'ADD g INT GENERATED ALWAYS AS (IF(a, b, c)) STORED',
      'addColumn | g | INT GENERATED ALWAYS AS (IF(a, b, c)) STORED',
    ],
    ['ADD `add` INT, ADD `drop` INT', 'addColumn | add | INT', 'addColumn | drop | INT'],
    ['ADD algorithm INT, ADD lock_ INT', 'addColumn | algorithm | INT', 'addColumn | lock_ | INT'],
    ['ADD 1st INT', 'addColumn | 1st | INT'],
    ['ADD 이름 VARCHAR(20), ADD хранить INT', 'addColumn | 이름 | VARCHAR(20)', 'addColumn | хранить | INT'],
    ['ADD हिन्दी INT', 'addColumn | हिन्दी | INT'],
    ['ADD vector VECTOR(3)', 'addColumn | vector | VECTOR(3)'],
    ['ADD period INT', 'addColumn | period | INT'],
    ['ADD COLUMN system INT', 'addColumn | system | INT'],
    ['DROP note', 'dropColumn | note'],
    ['DROP COLUMN note', 'dropColumn | note'],
    ['DROP COLUMN IF EXISTS note', 'dropColumn | note | maybe'],
    ['DROP COLUMN `a,b` CASCADE, DROP c RESTRICT', 'dropColumn | a,b', 'dropColumn | c'],
    ['DROP COLUMN system', 'dropColumn | system'],
    ['DROP period', 'dropColumn | period'],
    ['MODIFY a BIGINT UNSIGNED', 'modifyColumn | a | BIGINT UNSIGNED'],
    ['MODIFY COLUMN a BIGINT FIRST', 'modifyColumn | a | BIGINT | first'],
    ['MODIFY COLUMN IF EXISTS a BIGINT', 'modifyColumn | a | BIGINT | maybe'],
    ['MODIFY `CHANGE a z VARCHAR(9)` FLOAT', 'modifyColumn | CHANGE a z VARCHAR(9) | FLOAT'],
    ['CHANGE a b INT', 'changeColumn | a | INT | b'],
    ['CHANGE COLUMN a a INT AFTER c', 'changeColumn | a | INT | after c | a'],
    ['CHANGE COLUMN IF EXISTS a b INT', 'changeColumn | a | INT | b | maybe'],
    ['RENAME COLUMN a TO b', 'renameColumn | a | b'],
    ['RENAME COLUMN IF EXISTS a TO b', 'renameColumn | a | b | maybe'],
    ['ALTER a SET DEFAULT 5', 'alterColumnDefault | a'],
    ["ALTER COLUMN a SET DEFAULT 'x, y'", 'alterColumnDefault | a'],
    ['ALTER COLUMN a DROP DEFAULT', 'alterColumnDefault | a'],
    ['ALTER COLUMN a SET INVISIBLE', 'columnVisibility | a'],
    ['ALTER INDEX i INVISIBLE', 'indexVisibility | i'],
    ['ALTER KEY IF EXISTS i NOT IGNORED', 'indexVisibility | i | maybe'],
    ['ALTER CHECK c NOT ENFORCED', 'checkEnforcement | c'],
    ['ALTER CONSTRAINT c ENFORCED', 'checkEnforcement | c'],
    ['ADD INDEX (a)', 'addIndex | key | a'],
    ['ADD INDEX i (a, b(10) DESC)', 'addIndex | i | key | a,b 10 desc'],
    ['ADD KEY i USING BTREE (a)', 'addIndex | i | key | a'],
    ['ADD INDEX USING HASH (a)', 'addIndex | key | a'],
    ['ADD INDEX IF NOT EXISTS i (a)', 'addIndex | i | key | a | maybe'],
    ['ADD UNIQUE (a)', 'addIndex | unique | a'],
    ['ADD UNIQUE u (a, b)', 'addIndex | u | unique | a,b'],
    ["ADD UNIQUE KEY `u,` (a) COMMENT 'DROP a'", 'addIndex | u, | unique | a'],
    ['ADD CONSTRAINT c UNIQUE INDEX u (a)', 'addIndex | u | unique | a'],
    ['ADD CONSTRAINT c UNIQUE (a)', 'addIndex | c | unique | a'],
    ['ADD CONSTRAINT UNIQUE (a)', 'addIndex | unique | a'],
    ['ADD UNIQUE INDEX i ((lower(a)), b)', 'addIndex | i | unique | expression,b'],
    ['ADD FULLTEXT INDEX words (title, body) WITH PARSER ngram', 'addIndex | words | fulltext | title,body'],
    ['ADD FULLTEXT (title)', 'addIndex | fulltext | title'],
    ['ADD SPATIAL INDEX (place)', 'addIndex | spatial | place'],
    ['ADD VECTOR INDEX (v) DISTANCE=cosine', 'addIndex | vector | v'],
    ['ADD PRIMARY KEY (a, b)', 'addIndex | PRIMARY | primary | a,b'],
    ['ADD CONSTRAINT pk PRIMARY KEY USING BTREE (a)', 'addIndex | PRIMARY | primary | a'],
    ['DROP INDEX i, DROP KEY `k`', 'dropIndex | i', 'dropIndex | k'],
    ['DROP INDEX IF EXISTS i', 'dropIndex | i | maybe'],
    ['DROP PRIMARY KEY', 'dropPrimaryKey'],
    ['RENAME INDEX a TO b, RENAME KEY `c` TO d', 'renameIndex | a | b', 'renameIndex | c | d'],
    ['ADD FOREIGN KEY (a) REFERENCES p (id) ON DELETE SET NULL', 'addForeignKey | a'],
    [
      'ADD CONSTRAINT fk FOREIGN KEY IF NOT EXISTS i (a, b) REFERENCES p (a, b)',
      'addForeignKey | fk | a,b | maybe',
    ],
    ['DROP FOREIGN KEY fk', 'dropForeignKey | fk'],
    ['ADD CHECK (a > 0)', 'addCheck'],
    ['ADD CONSTRAINT c CHECK (a IN (1, 2)) NOT ENFORCED', 'addCheck | c'],
    ['ADD CONSTRAINT CHECK (a > 0)', 'addCheck'],
    ['DROP CHECK c', 'dropCheck | c'],
    ['DROP CONSTRAINT IF EXISTS c', 'dropConstraint | c | maybe'],
    ['CONVERT TO CHARACTER SET utf8mb4', 'convertCharacterSet | utf8mb4'],
    ["CONVERT TO CHARSET 'utf8mb4' COLLATE utf8mb4_bin", 'convertCharacterSet | utf8mb4 | utf8mb4_bin'],
    ['CONVERT TO CHARACTER SET DEFAULT', 'convertCharacterSet | DEFAULT'],
    ['ENGINE=InnoDB', 'option | engine | InnoDB'],
    ['ENGINE InnoDB', 'option | engine | InnoDB'],
    [
      "ENGINE = InnoDB ROW_FORMAT=DYNAMIC COMMENT 'a, b'",
      'option | engine | InnoDB',
      'option | row_format | DYNAMIC',
      "option | comment | 'a, b'",
    ],
    [
      'DEFAULT CHARACTER SET = utf8mb4 COLLATE utf8mb4_bin',
      'option | default character set | utf8mb4',
      'option | default collate | utf8mb4_bin',
    ],
    ['CHARSET latin1', 'option | default character set | latin1'],
    [
      'AUTO_INCREMENT = 1000, STATS_PERSISTENT=DEFAULT',
      'option | auto_increment | 1000',
      'option | stats_persistent | DEFAULT',
    ],
    ['UNION = (a, b)', 'option | union | (a, b)'],
    ['`odd option`=1', 'option | odd option | 1'],
    ['TABLESPACE ts STORAGE DISK', 'option | tablespace | ts', 'option | storage | DISK'],
    ['PARTITION BY HASH (id) PARTITIONS 4', 'partitioning | set'],
    [
      'DROP a PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)',
      'dropColumn | a',
      'partitioning | set',
    ],
    ['REMOVE PARTITIONING', 'partitioning | removed'],
    ['ADD a INT REMOVE PARTITIONING', 'addColumn | a | INT', 'partitioning | removed'],
    ['CHANGE remove partitioning INT', 'changeColumn | remove | INT | partitioning'],
    ['FORCE', 'force'],
    ['FORCE, ADD a INT', 'force', 'addColumn | a | INT'],
    ['ORDER BY a', 'orderBy'],
    ['DROP d, ORDER BY a, b DESC, c', 'dropColumn | d', 'orderBy'],
    ['ORDER BY a, b PARTITION BY HASH (a)', 'orderBy', 'partitioning | set'],
    ['ADD PERIOD FOR valid (a, b)', 'other'],
    ['SECONDARY_LOAD', 'other'],
    ['WRONG a', 'other'],
  ])('is read: %s', (text, ...clauses) => {
    expect(read(text).clauses.map(describeClause)).toEqual(clauses)
  })

  it('keeps its own text', () => {
    const texts = read(
      "ADD COLUMN (a INT, b INT), DROP  c, ENGINE=InnoDB COMMENT='x' PARTITION BY HASH(a)",
    ).clauses.map(({ text }) => text)
    expect(texts).toEqual([
      'ADD a INT',
      'ADD b INT',
      'DROP  c',
      'ENGINE=InnoDB',
      "COMMENT='x'",
      'PARTITION BY HASH(a)',
    ])
  })
})

describe('nothing is found inside', () => {
  it.each<[where: string, text: string, ...clauses: readonly string[]]>([
    [
      'single quotes',
      "ADD a INT COMMENT 'it''s, DROP b; \\', RENAME COLUMN c TO d', ADD e INT",
      "addColumn | a | INT COMMENT 'it''s, DROP b; \\', RENAME COLUMN c TO d'",
      'addColumn | e | INT',
    ],
    ['double quotes', 'ADD a INT COMMENT "x, ""DROP b"', 'addColumn | a | INT COMMENT "x, ""DROP b"'],
    ['backquotes', 'ADD `a, DROP ``b` INT', 'addColumn | a, DROP `b | INT'],
    ['parentheses', 'ADD a INT DEFAULT (f(1, (2)))', 'addColumn | a | INT DEFAULT (f(1, (2)))'],
    ['a comment', 'ADD a INT /* , DROP b; */', 'addColumn | a | INT'],
    ['a comment with a quote', "ADD a INT /* don't */, DROP b", 'addColumn | a | INT', 'dropColumn | b'],
    [
      'a comment to the end of the line',
      'ADD a INT, -- DROP b,\n DROP c',
      'addColumn | a | INT',
      'dropColumn | c',
    ],
    ['a comment behind #', 'ADD a INT # , DROP b\n, DROP c', 'addColumn | a | INT', 'dropColumn | c'],
    ['a hint', 'ADD a INT /*+ DROP b */', 'addColumn | a | INT'],
    ['minus minus without a space', 'ADD a INT DEFAULT 5--1', 'addColumn | a | INT DEFAULT 5--1'],
    [
      'what one server reads',
      'ADD a INT /*!80023 INVISIBLE */ /*M! INVISIBLE */, DROP b',
      'addColumn | a | INT /*!80023 INVISIBLE */ /*M! INVISIBLE */',
      'dropColumn | b',
    ],
  ])('%s', (_, text, ...clauses) => {
    expect(read(text).clauses.map(describeClause)).toEqual(clauses)
  })
})

describe('a rename', () => {
  it.each<[text: string, ...renames: readonly string[]]>([
    ['CHANGE old_name new_name VARCHAR(255) NULL', 'old_name → new_name'],
    ['CHANGE column old_name new_name INT', 'old_name → new_name'],
    ['CHANGE   a       z     VARCHAR(255)  NULL', 'a → z'],
    ['change\n\t a z int,\n\tCHANGE COLUMN i\n\t  count int, engine=innodb', 'a → z', 'i → count'],
    ['CHANGE `a` z INT, CHANGE b `y` INT', 'a → z', 'b → y'],
    ['CHANGE `column` z INT', 'column → z'],
    ['CHANGE `café` `tête-à-tête` INT', 'café → tête-à-tête'],
    ['CHANGE ニ ネ INT', 'ニ → ネ'],
    ['CHANGE `a``a` z INT', 'a`a → z'],
    ['CHANGE `a yes  ` `\nyes!\na` INT', 'a yes   → \nyes!\na'],
    ['CHANGE a `CHANGE b y INT` INT, CHANGE foo bar INT', 'a → CHANGE b y INT', 'foo → bar'],
    ['RENAME COLUMN a TO b, RENAME COLUMN b TO a', 'a → b', 'b → a'],
    ['CHANGE/* not this */a/* nor */b INT', 'a → b'],
    ['add column t int, change ts ts timestamp, CHANGE f `f` float'],
    ['CHANGE foo FOO FLOAT'],
    ['CHANGE Äpfel äpfel INT'],
    ['RENAME COLUMN a TO A'],
    ["ADD a INT COMMENT 'CHANGE b c INT, RENAME COLUMN d TO e'"],
    ['MODIFY `change` INT'],
    ['RENAME INDEX a TO b'],
  ])('is seen by its words alone: %s', (text, ...renames) => {
    expect(read(text).renames.map(({ from, to }) => `${from} → ${to}`)).toEqual(renames)
  })
})

describe('the text', () => {
  it.each([
    ['  ADD a INT ;\n', 'ADD a INT'],
    ['ADD a INT -- note', 'ADD a INT'],
    ['ADD a INT, /* why */ DROP b # end', 'ADD a INT,   DROP b'],
    ['ALTER TABLE film DROP b', 'DROP b'],
    ['alter table `film` drop b;', 'drop b'],
    ['ALTER TABLE shop.film DROP b', 'DROP b'],
    ['ALTER TABLE `shop`.film DROP b', 'DROP b'],
    ['ALTER TABLE shop . `film`\nDROP b', 'DROP b'],
    ['ALTER TABLE IF EXISTS film DROP b', 'DROP b'],
    ['ALTER `table` SET DEFAULT 1', 'ALTER `table` SET DEFAULT 1'],
  ])('of %j is %j', (text, expected) => {
    expect(read(text).text).toBe(expected)
  })

  it('may begin with the name of a table that needs quotes', () => {
    const odd = { schema: 'sh op', table: 'fi`lm.x' }
    expect(readAlter('ALTER TABLE `sh op`.`fi``lm.x` DROP b', odd)).toMatchObject({ text: 'DROP b' })
  })
})

describe('refused', () => {
  it.each<[code: string, ...texts: readonly string[]]>([
    ['migrate.alterEmpty', '', '  \n', ';', '-- ADD a INT', '/* */', 'ALTER TABLE film'],
    [
      'migrate.alterSeveral',
      'ADD a INT; DROP b',
      'ALTER TABLE film ADD a INT; ALTER TABLE film DROP b;',
      ';;',
    ],
    ['migrate.alterMissingClause', 'ADD a INT,', ', ADD a INT', 'ADD a INT,, DROP b'],
    [
      'migrate.alterUnfinished',
      "ADD a INT COMMENT 'x",
      "ADD a INT COMMENT 'it's'",
      'ADD `a INT',
      'ADD a INT COMMENT "x',
      "ADD a INT COMMENT 'x\\'",
      'ADD a INT /* x',
      'ADD a INT /*!80000 x',
      'ADD a INT */',
      'ADD a DECIMAL(10,2',
      'ADD a INT)',
      'ADD a INT) (',
    ],
    [
      'migrate.alterRenamesTable',
      'RENAME TO x',
      'rename as something_else',
      'RENAME x',
      'RENAME = x',
      'RENAME `COLUMN`',
      'drop column b, rename as x',
      'engine=innodb rename as x',
      'rename to x, engine=innodb',
    ],
    ['migrate.alterAlgorithm', 'ADD a INT, ALGORITHM=INPLACE', 'algorithm copy, ADD a INT', 'ALGORITHM'],
    ['migrate.alterLock', 'ADD a INT, LOCK=NONE', 'LOCK = SHARED, ADD a INT'],
    ['migrate.alterWait', 'WAIT 5 ADD a INT', 'NOWAIT DROP b', 'ALTER TABLE film NOWAIT DROP b'],
    [
      'migrate.alterOnline',
      'ONLINE ADD a INT',
      'ALTER ONLINE TABLE film ADD a INT',
      'ALTER OFFLINE TABLE film ADD a INT',
    ],
    ['migrate.alterIgnore', 'IGNORE ADD UNIQUE (a)', 'ALTER IGNORE TABLE film ADD UNIQUE (a)'],
    ['migrate.alterTablespace', 'DISCARD TABLESPACE', 'IMPORT TABLESPACE'],
    [
      'migrate.alterPartitions',
      'ADD PARTITION (PARTITION p2 VALUES LESS THAN (30))',
      'DROP PARTITION p0',
      'EXCHANGE PARTITION p0 WITH TABLE x',
      'TRUNCATE PARTITION ALL',
      'COALESCE PARTITION 2',
      'REORGANIZE PARTITION p0 INTO (PARTITION p1 VALUES LESS THAN (5))',
      'CHECK PARTITION p0',
      'DISCARD PARTITION p0 TABLESPACE',
      'CONVERT PARTITION p0 TO TABLE x',
      'UPGRADE PARTITIONING',
    ],
    ['migrate.alterKeys', 'ENABLE KEYS', 'disable keys'],
    [
      'migrate.alterVersioning',
      'ADD SYSTEM VERSIONING',
      'DROP SYSTEM VERSIONING',
      'ENGINE=InnoDB WITH SYSTEM VERSIONING',
      'ADD PERIOD FOR SYSTEM_TIME (a, b)',
    ],
    ['migrate.alterValidation', 'ADD a INT, WITHOUT VALIDATION'],
    [
      'migrate.alterReadBySome',
      '/*!80000 ADD a INT */',
      'ADD a INT /*!80000 , DROP b */',
      'ADD a INT /*!50100 PARTITION BY HASH (a) */',
      'ADD (a INT /*! , b INT */)',
    ],
    [
      'migrate.alterUnread',
      'ADD (a INT,)',
      'CHANGE a',
      'CHANGE a INT',
      'CHANGE "a" "z" INT',
      'CHANGE film.a b INT',
      'CHANGE /*!80000 a */ b INT',
      'CHANGE a /*!80000 b */ c INT',
      'RENAME COLUMN a b',
      'RENAME INDEX a',
      'DROP COLUMN',
      'drop bad statement',
      'ADD INDEX i',
      'ADD COLUMN a',
      'ALTER a',
      'CONVERT TO',
      'ADD CONSTRAINT c FOREIGN KEY',
    ],
    [
      'migrate.alterOtherTable',
      'ALTER TABLE actor DROP b',
      'ALTER TABLE other.film DROP b',
      'ALTER TABLE FILM DROP b',
      'ALTER TABLE "film" DROP b',
    ],
  ])('as %s', (code, ...texts) => {
    const codes = texts.map((text) => [text, readCode(text)])
    expect(codes).toEqual(texts.map((text) => [text, code]))
  })

  it('with what to do instead', () => {
    expect(readAlter('ADD a INT, LOCK=NONE', film)).toEqual({
      code: 'migrate.alterLock',
      problem: 'It says LOCK, which rowkeeper chooses itself: writers are never kept out.',
      fix: 'Leave that clause out.',
    })
  })
})

function readCode(text: string): string {
  const result = readAlter(text, film)
  return 'problem' in result ? result.code : `read: ${result.text}`
}
