import { describe, expect, it } from 'vitest'
import {
  describeStatement,
  id,
  join,
  list,
  nothing,
  raw,
  sql,
  statement,
  tableId,
  tuples,
} from '../../src/db/statement.ts'

describe('a statement', () => {
  it('splices fragments and binds everything else, in order', () => {
    const inner = sql`b = ${2} AND c = ${null}`
    const whole = sql`SELECT ${id('a')} FROM t WHERE a = ${'1'} AND (${inner}) LIMIT ${3n}`
    expect(describeStatement(whole)).toBe('SELECT `a` FROM t WHERE a = ? AND (b = ? AND c = ?) LIMIT ?')
    expect(whole.values).toEqual(['1', 2, null, 3n])
    expect(whole.chunks.length).toBe(whole.values.length + 1)
  })

  it('leaves a question mark and a quote of its text alone', () => {
    const whole = sql`SELECT ${'?'} WHERE ${raw("note LIKE '%?%'")} AND x = ${'y'}`
    expect(whole.chunks).toEqual(['SELECT ', " WHERE note LIKE '%?%' AND x = ", ''])
  })

  it('binds a Buffer as one value', () => {
    expect(sql`${Buffer.from('x')}`.values).toEqual([Buffer.from('x')])
  })

  it('is led by its name', () => {
    expect(statement('run.look', sql`SELECT ${1}`).chunks[0]).toBe('/* rowkeeper run.look */ SELECT ')
  })
})

describe('lists', () => {
  it('are joined with commas, or with what is given', () => {
    expect(describeStatement(join([sql`a = ${1}`, sql`b = ${2}`], ' AND '))).toBe('a = ? AND b = ?')
    expect(join([])).toEqual(nothing)
    expect(describeStatement(list([1, 2, 3]))).toBe('?, ?, ?')
  })

  it('of tuples have every value in its place', () => {
    const rows = tuples([
      [1, 'a'],
      [2, 'b'],
    ])
    expect(describeStatement(rows)).toBe('(?, ?), (?, ?)')
    expect(rows.values).toEqual([1, 'a', 2, 'b'])
    expect(rows.chunks.length).toBe(rows.values.length + 1)
  })

  it('of 50,000 values are built in a moment', () => {
    const rows = Array.from({ length: 5000 }, (_, index) => Array<number>(10).fill(index))
    const values = sql`INSERT INTO t VALUES ${tuples(rows)}`
    expect(values.values.length).toBe(50_000)
  })
})

describe('a name', () => {
  it.each([
    ['plain', '`plain`'],
    ['a`b', '`a``b`'],
    ['a.b', '`a.b`'],
    ['x as y', '`x as y`'],
    ['a;b--', '`a;b--`'],
    ['*', '`*`'],
    ['표'.repeat(64), `\`${'표'.repeat(64)}\``],
  ])('%s is quoted whole', (name, quoted) => {
    expect(describeStatement(id(name))).toBe(quoted)
  })

  it.each(['', 'a\0b', 'trail ', 'x'.repeat(65)])('%j is refused', (name) => {
    expect(() => id(name)).toThrow(expect.objectContaining({ code: 'database.badIdentifier', exitCode: 78 }))
  })

  it('of a table is two names', () => {
    expect(describeStatement(tableId({ schema: 'a.b', table: 'c.d' }))).toBe('`a.b`.`c.d`')
  })
})
