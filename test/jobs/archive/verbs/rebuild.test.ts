import { describe, expect, test } from 'vitest'
import type { Size } from '../../../../jobs/archive/plan-model.ts'
import { findRebuildGain, reclaimable } from '../../../../jobs/archive/size.ts'

const GIB = 1024 ** 3

/** In GiB. */
function size(data: number, index: number, free: number, file: number | undefined): Size {
  return {
    dataBytes: data * GIB,
    indexBytes: index * GIB,
    freeBytes: free * GIB,
    fileBytes: file === undefined ? undefined : file * GIB,
  }
}

describe('a rebuild', () => {
  test.each<[string, Size, number | undefined]>([
    ['pays where most of the file is empty', size(6, 1, 40, 52), 45],
    ['is judged by the free space alone when the file may not be seen', size(6, 2, 4, undefined), 4],
    ['does not pay below a GiB', size(1, 0, 0.9, 1.9), undefined],
    ['does not pay below a fifth of the file', size(90, 0, 10, 100), undefined],
    ['pays from both on', size(4, 0, 1, 5), 1],
    ['does not pay for a file that is full', size(10, 2, 0, 12), undefined],
  ])('%s', (_, before, gain) => {
    expect(findRebuildGain(before)).toBe(gain === undefined ? undefined : gain * GIB)
  })

  test('never gives back less than nothing', () => {
    expect(reclaimable(size(10, 2, 0, 11))).toBe(0)
  })
})
