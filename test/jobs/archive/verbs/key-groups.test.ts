import { describe, expect, test } from 'vitest'
import { createKeyGroups, type KeyRow } from '../../../../jobs/archive/verbs/verify/key-groups.ts'

/** `17 2005-06 live`: a key, a month, and whether the live table has it. */
function rows(...texts: readonly string[]): readonly KeyRow[] {
  return texts.map((text) => {
    const [key = '', month = '', place] = text.split(' ')
    return { key: `id = ${key}`, month, isLive: place === 'live' }
  })
}

function find(pages: readonly (readonly KeyRow[])[], month?: string) {
  const groups = createKeyGroups(month)
  for (const page of pages) groups.take(page)
  return groups.finish()
}

describe('keys', () => {
  test('are counted once however often they stand, also across pages', () => {
    const pages = [
      rows('1 2005-05', '2 2005-05', '2 2005-06'),
      rows('2 2005-07', '3 2005-05'),
      rows('4 2005-07 live'),
    ]
    expect(find(pages)).toEqual({
      read: 6,
      doubled: { keys: 1, samples: ['id = 2 in 2005-05 and 2005-06 and 2005-07'] },
      live: { keys: 1, samples: ['id = 4 in 2005-07'] },
    })
  })

  test('are those of one month, whatever months their other rows are in', () => {
    const pages = [rows('1 2005-05', '1 2005-06', '2 2005-06 live', '3 2005-07 live', '3 2005-08 live')]
    expect(find(pages, '2005-06')).toMatchObject({ doubled: { keys: 1 }, live: { keys: 1 } })
    expect(find(pages, '2005-08')).toMatchObject({ doubled: { keys: 1 }, live: { keys: 1 } })
    expect(find(pages, '2005-09')).toMatchObject({ doubled: { keys: 0 }, live: { keys: 0 } })
  })

  test('are named up to five', () => {
    const many = Array.from({ length: 9 }, (_, index) => rows(`${index} 2005-05 live`)).flat()
    expect(find([many]).live).toMatchObject({ keys: 9, samples: { length: 5 } })
    expect(find([])).toMatchObject({ read: 0, live: { keys: 0 } })
  })
})
