import { textOf } from '../../../src/db/table-text.ts'
import type { OptionSubject } from './alter-model.ts'
import { skip, skipCount, startsWith, type Tokens, takeGroup, takeName } from './clause-tokens.ts'

interface TakenOption extends OptionSubject {
  readonly rest: Tokens
}

/** Those of several words, and the name under which each is known here. */
const longNames: readonly (readonly [words: readonly string[], option: string])[] = [
  [['DEFAULT', 'CHARACTER', 'SET'], 'default character set'],
  [['DEFAULT', 'CHAR', 'SET'], 'default character set'],
  [['DEFAULT', 'CHARSET'], 'default character set'],
  [['CHARACTER', 'SET'], 'default character set'],
  [['CHAR', 'SET'], 'default character set'],
  [['CHARSET'], 'default character set'],
  [['DEFAULT', 'COLLATE'], 'default collate'],
  [['COLLATE'], 'default collate'],
  [['DATA', 'DIRECTORY'], 'data directory'],
  [['INDEX', 'DIRECTORY'], 'index directory'],
]

/** Those that both servers take without `=`. Any other, as a storage engine of MariaDB may have, needs one. */
const shortNames = new Set(
  `AUTOEXTEND_SIZE AUTO_INCREMENT AVG_ROW_LENGTH CHECKSUM COMMENT COMPRESSION CONNECTION DELAY_KEY_WRITE ENCRYPTED
  ENCRYPTION ENCRYPTION_KEY_ID ENGINE ENGINE_ATTRIBUTE INSERT_METHOD KEY_BLOCK_SIZE MAX_ROWS MIN_ROWS PACK_KEYS
  PAGE_CHECKSUM PAGE_COMPRESSED PAGE_COMPRESSION_LEVEL PASSWORD ROW_FORMAT SECONDARY_ENGINE
  SECONDARY_ENGINE_ATTRIBUTE SEQUENCE STATS_AUTO_RECALC STATS_PERSISTENT STATS_SAMPLE_PAGES STORAGE TABLESPACE
  TABLE_CHECKSUM TRANSACTIONAL UNION`.split(/\s+/),
)

/** The table option with which the tokens begin; undefined where there is none. */
export function takeOption(tokens: Tokens): TakenOption | undefined {
  const named = takeOptionName(tokens)
  if (named === undefined) return undefined
  const valued = skip(named.rest, '=')
  const rest = takeGroup(valued)?.rest ?? skipCount(valued, 1)
  const value = textOf(valued.slice(0, valued.length - rest.length))
  return value === '' ? undefined : { option: named.option, value, rest }
}

function takeOptionName(tokens: Tokens): { readonly option: string; readonly rest: Tokens } | undefined {
  const long = longNames.find(([words]) => startsWith(tokens, ...words))
  if (long !== undefined) return { option: long[1], rest: skip(tokens, ...long[0]) }
  const short = takeName(tokens)
  if (short === undefined) return undefined
  const isOption = shortNames.has(short.name.toUpperCase()) || startsWith(short.rest, '=')
  return isOption ? { option: short.name.toLowerCase(), rest: short.rest } : undefined
}
