import { expect, test } from 'vitest'
import { addAmounts } from '../../../../jobs/rollup/ledger/add-amounts.ts'

test.for([
  [[{ views: '9007199254740993' }, { views: '1' }], { views: '9007199254740994' }],
  [[{ likes: '-3' }, { views: '2', likes: '1' }], { likes: '-2', views: '2' }],
  [[{ price: '-0.05' }, { price: '10' }, { price: '0.125' }], { price: '10.075' }],
] as const)('%o add up to %o', ([lines, sum]) => {
  expect(addAmounts(lines)).toEqual(sum)
})
