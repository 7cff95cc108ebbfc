import { significant, type Tokens } from './clause-tokens.ts'
import type { DefinitionProblem } from './problem.ts'

interface Refusal extends DefinitionProblem {
  /** Of the first words of a clause, in capitals, one space between them. */
  readonly form: RegExp
}

/** What a clause begins with that a migration cannot do, or must not hand on unseen. */
const refusals: readonly Refusal[] = [
  {
    form: /^RENAME (?!(COLUMN|INDEX|KEY)( |$))/,
    code: 'migrate.alterRenamesTable',
    problem: 'It renames the table, and a migration ends with a table of the same name.',
    fix: 'Leave that clause out, and rename the table afterwards: RENAME TABLE … TO …',
  },
  {
    form: /^ALGORITHM( |$)/,
    code: 'migrate.alterAlgorithm',
    problem:
      'It says ALGORITHM, which rowkeeper chooses itself: a clause would be right for one way of several.',
    fix: 'Leave that clause out. To insist on a way: --strategy instant, inplace or copy.',
  },
  {
    form: /^LOCK( |$)/,
    code: 'migrate.alterLock',
    problem: 'It says LOCK, which rowkeeper chooses itself: writers are never kept out.',
    fix: 'Leave that clause out.',
  },
  {
    form: /^(WAIT \d+|NOWAIT)( |$)/,
    code: 'migrate.alterWait',
    problem: 'It says how long to wait for a lock, which has a key of its own.',
    fix: 'Leave WAIT and NOWAIT out, and set cutOver.lockWait.',
  },
  {
    form: /^(ONLINE|OFFLINE)( |$)/,
    code: 'migrate.alterOnline',
    problem: 'It says ONLINE or OFFLINE, which rowkeeper chooses itself.',
    fix: 'Leave that word out.',
  },
  {
    form: /^IGNORE( |$)/,
    code: 'migrate.alterIgnore',
    problem: 'It says IGNORE, with which rows that do not fit would be dropped without a word.',
    fix: 'Leave that word out: rowkeeper plan counts the rows that do not fit.',
  },
  {
    form: /^(DISCARD|IMPORT) TABLESPACE( |$)/,
    code: 'migrate.alterTablespace',
    problem: 'It discards or imports a tablespace: that exchanges the rows, not the definition.',
    fix: 'Run that statement by hand.',
  },
  {
    form: /^((ADD|ANALYZE|CHECK|COALESCE|CONVERT|DISCARD|DROP|EXCHANGE|IMPORT|OPTIMIZE|REBUILD|REORGANIZE|REPAIR|TRUNCATE) PARTITION|CONVERT TABLE|UPGRADE PARTITIONING)( |$)/,
    code: 'migrate.alterPartitions',
    problem: 'It works on single partitions, with the rows in them. A migration copies all rows.',
    fix: 'Run that statement by hand. PARTITION BY and REMOVE PARTITIONING are possible here.',
  },
  {
    form: /^(ENABLE|DISABLE) KEYS( |$)/,
    code: 'migrate.alterKeys',
    problem: 'It enables or disables keys, which does nothing to an InnoDB table.',
    fix: 'Leave that clause out: indexes are built after the copy anyway.',
  },
  {
    form: /^((ADD|DROP|WITH) SYSTEM VERSIONING|(ADD|DROP) PERIOD (IF (NOT )?EXISTS )?FOR `?SYSTEM_TIME`?)( |$)/,
    code: 'migrate.alterVersioning',
    problem: 'It begins or ends system versioning, and a copy would lose the old versions of the rows.',
    fix: 'Run that statement by hand.',
  },
  {
    form: /^(WITH|WITHOUT) VALIDATION( |$)/,
    code: 'migrate.alterValidation',
    problem: 'It says whether rows are validated, which a copy always does.',
    fix: 'Leave that clause out.',
  },
]

const WORDS_TO_LOOK_AT = 8

export function findRefusal(tokens: Tokens): DefinitionProblem | undefined {
  const start = significant(tokens)
    .slice(0, WORDS_TO_LOOK_AT)
    .map(({ text }) => text.toUpperCase())
    .join(' ')
  const refusal = refusals.find(({ form }) => form.test(start))
  if (refusal === undefined) return undefined
  const { code, problem, fix } = refusal
  return { code, problem, fix }
}
