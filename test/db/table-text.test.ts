import { describe, expect, it } from 'vitest'
import {
  findUnfinished,
  readTableText,
  splitAtCommas,
  textOf,
  tokenize,
  withItems,
} from '../../src/db/table-text.ts'

/** `word:ADD`, spaces left out. */
function tokensOf(text: string): readonly string[] {
  return tokenize(text).flatMap((token) => (token.kind === 'space' ? [] : [`${token.kind}:${token.text}`]))
}

describe('a token', () => {
  it.each<[text: string, ...tokens: readonly string[]]>([
    ["a 'it''s \\' b' c", 'word:a', "text:'it''s \\' b'", 'word:c'],
    ['"a""b"`c``d`', 'text:"a""b"', 'name:`c``d`'],
    ['a/* b\n c */d', 'word:a', 'remark:/* b\n c */', 'word:d'],
    ['a -- b\nc', 'word:a', 'remark:-- b', 'word:c'],
    ['a # b', 'word:a', 'remark:# b'],
    ['5--1', 'word:5', 'symbol:-', 'symbol:-', 'word:1'],
    ['/*!80023 INVISIBLE */', 'comment:/*!80023', 'word:INVISIBLE', 'comment:*/'],
    ['/*M!100100 x */', 'comment:/*M!100100', 'word:x', 'comment:*/'],
    ["'/* a' */", "text:'/* a'", 'comment:*/'],
    ['naïve हिन्दी $a_1', 'word:naïve', 'word:हिन्दी', 'word:$a_1'],
  ])('is read as the servers do: %s', (text, ...tokens) => {
    expect(tokensOf(text)).toEqual(tokens)
  })

  it('together with all others gives the text', () => {
    const text = "CREATE TABLE `a b` (\n\t`c` int /* x */ DEFAULT 'y' -- z\n) €"
    expect(textOf(tokenize(text))).toBe(text)
  })

  it('knows how many parentheses are open around it', () => {
    const depths = tokenize("a(b,(c)')')d").map(({ text, depth }) => `${text}${depth}`)
    expect(depths).toEqual(['a0', '(0', 'b1', ',1', '(1', 'c2', ')1', "')'1", ')0', 'd0'])
  })
})

describe('what is open at the end', () => {
  it.each([
    ["a 'b", 'quote'],
    ['a `b', 'quote'],
    ["'a'b'", 'quote'],
    ['a /* b', 'comment'],
    ['a /*!80000 b', 'comment'],
    ['a */', 'comment'],
    ['(a', 'parentheses'],
    ['a)(', 'parentheses'],
  ])('is found: %s', (text, what) => {
    expect(findUnfinished(tokenize(text))).toContain(what)
  })

  it.each(["a ')' `(` \"'\" /* ' */ -- (\n", '/*!80000 a */ (b)', ''])('is nothing: %s', (text) => {
    expect(findUnfinished(tokenize(text))).toBeUndefined()
  })
})

it('is split at the commas of one depth alone', () => {
  const parts = splitAtCommas(tokenize("a (b, c), 'd, e' , "), 0).map(textOf)
  expect(parts).toEqual(['a (b, c)', "'d, e'", ''])
})

it('gives a CREATE TABLE again, without an item', () => {
  const text = 'CREATE TABLE `t` (\n  `a` int,\n  KEY `a` (`a`)\n) ENGINE=InnoDB'
  const table = readTableText(text)
  expect(withItems(table, table.items)).toBe(text)
  expect(withItems(table, table.items.slice(0, 1))).toBe('CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB')
})
