import { describe, expect, it } from 'vitest'
import { findUncarriable, literalLength, valueTuples } from '../../../../jobs/archive/carry/values.ts'
import { describeStatement } from '../../../../src/db/statement.ts'
import { column } from '../partitions/sample.ts'

describe('columns that cannot be carried', () => {
  const found = (dataType: string, from: 'mariadb' | 'mysql', to: 'mariadb' | 'mysql') =>
    findUncarriable([column(dataType, { name: 'place', dataType })], from, to).map(({ reason }) => reason)

  it.each(['int', 'decimal', 'float', 'json', 'enum', 'longblob', 'year', 'bit', 'longtext'])(
    '%s goes everywhere',
    (type) => {
      expect([...found(type, 'mariadb', 'mysql'), ...found(type, 'mysql', 'mariadb')]).toEqual([])
    },
  )

  it('are named with the reason', () => {
    expect(findUncarriable([column('int'), column('point', { name: 'place' })], 'mysql', 'mysql')).toEqual([
      { column: 'place', reason: 'no exact form is known for a value of type point' },
    ])
    expect(found('uuid', 'mariadb', 'mysql')).toEqual(['MySQL has no type uuid'])
    expect(found('vector', 'mysql', 'mariadb')).toEqual(['a vector is carried from MySQL to MySQL only'])
  })

  it('stay possible within a family', () => {
    expect(found('inet6', 'mariadb', 'mariadb')).toEqual([])
    expect(found('vector', 'mysql', 'mysql')).toEqual([])
  })

  it('include text in a character set of MySQL alone', () => {
    const note = column('varchar(9)', { name: 'note', characterSet: 'gb18030' })
    expect(findUncarriable([note], 'mysql', 'mysql')).toEqual([])
    expect(findUncarriable([note], 'mysql', 'mariadb')).toEqual([
      { column: 'note', reason: 'MariaDB does not have the character set gb18030' },
    ])
  })
})

describe('values as literals', () => {
  it('say the character set of bytes, but not of NULL', () => {
    const name = column('varchar(9)', { name: 'name', characterSet: 'latin1' })
    const fragment = valueTuples(
      [column('int', { name: 'id' }), name],
      [
        [1, Buffer.from('E9', 'hex')],
        [2, null],
      ],
    )
    expect(describeStatement(fragment)).toBe("(1, _latin1 X'e9'), (2, NULL)")
    expect(fragment.values).toEqual([])
  })

  it('are escaped when they need it', () => {
    const fragment = valueTuples([column('decimal'), column('json')], [['-1.50', `{"a": "it's"}`]])
    expect(describeStatement(fragment)).toBe("('-1.50', ?)")
    expect(fragment.values).toEqual([`{"a": "it's"}`])
  })

  it('are never longer than they are taken for', () => {
    const cells = [null, 1, -2147483648, '', "it's\\", '18446744073709551615', Buffer.alloc(5, 39)]
    for (const cell of cells) {
      const text = Buffer.isBuffer(cell) ? `, _utf8mb4 X'${cell.toString('hex')}'` : `, '${cell}'`
      expect(literalLength(cell)).toBeGreaterThanOrEqual(text.length)
    }
  })
})
