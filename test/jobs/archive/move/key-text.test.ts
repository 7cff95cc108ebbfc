import { describe, expect, test } from 'vitest'
import { describeKey } from '../../../../jobs/archive/move/key-text.ts'
import type { Column } from '../../../../src/db/catalog.ts'

function column(name: string, dataType: string, characterSet?: string): Column {
  return {
    name,
    dataType,
    columnType: dataType,
    isNullable: false,
    isInvisible: false,
    isGenerated: false,
    generation: 'none',
    isAutoIncrement: false,
    hasDefault: false,
    defaultText: undefined,
    onUpdateNow: false,
    maximumLength: undefined,
    characterSet,
    collation: undefined,
  }
}

const hex = (text: string) => Buffer.from(text).toString('hex')

describe('a key in words', () => {
  for (const [told, columns, cells] of [
    ['id = 17', [column('id', 'int')], [17]],
    ['id = 18446744073709551615', [column('id', 'bigint')], ['18446744073709551615']],
    [
      'region = "EU", code = "x\\n"',
      [column('region', 'char', 'ascii'), column('code', 'varchar', 'utf8mb4')],
      [hex('EU'), hex('x\n')],
    ],
    ["name = _latin1 X'4BF66C6E'", [column('name', 'varchar', 'latin1')], ['4BF66C6E']],
    ["hash = X'00FF'", [column('hash', 'varbinary')], ['00FF']],
  ] as const) {
    test(`is ${told}`, () => expect(describeKey(columns, cells)).toBe(told))
  }
})
