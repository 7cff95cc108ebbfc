import { describe, expect, test } from 'vitest'
import { chooseStrategy, MANY_EVENTS, type Topology } from '../../../../jobs/rollup/strategy/choose.ts'

const plain: Topology = {
  name: 'events',
  areTriggersSeen: true,
  usedUpNumbers: undefined,
  looksAtEvents: false,
  referring: [],
  foreignKeys: 0,
  triggers: [],
  isTimeIndexed: true,
  estimatedEvents: 1000,
  holdsEvents: false,
}

const referred: Partial<Topology> = { referring: ['shop.notes'] }

describe('auto', () => {
  test.each([
    ['nothing in the way', {}, 'consume'],
    ['events that are to be held', { holdsEvents: true }, 'rotate'],
    ['very many events', { estimatedEvents: MANY_EVENTS }, 'rotate'],
    ['a trigger, which rotate would lose', { holdsEvents: true, triggers: ['on_insert'] }, 'consume'],
    ['foreign keys of its own, which rotate would lose', { holdsEvents: true, foreignKeys: 1 }, 'consume'],
    [
      'numbers that cannot go on, which rotate would repeat',
      { holdsEvents: true, usedUpNumbers: 'id' },
      'consume',
    ],
    ['a table that refers to the events', referred, 'recompute'],
  ])('with %s: %s is %s', (_, topology, strategy) => {
    expect(chooseStrategy('auto', { ...plain, ...topology })).toMatchObject({ strategy })
  })

  test('refuses where none fits, and says what stands in the way of each', () => {
    expect(chooseStrategy('auto', { ...plain, ...referred, isTimeIndexed: false })).toEqual({
      refused: undefined,
      obstacles: [
        'consume: shop.notes has a foreign key to the events, which would stop counted events from being deleted, or lose its own rows with them',
        'recompute: no index begins with the time of events, so every run would read all of them',
      ],
    })
  })
})

describe('a strategy that is asked for', () => {
  test.each([
    ['consume', referred, 1],
    ['rotate', referred, 1],
    ['rotate', { triggers: ['on_insert', 'on_delete'], foreignKeys: 2 }, 3],
    ['recompute', { isTimeIndexed: false }, 1],
  ] as const)('%s is refused with %o', (asked, topology, obstacles) => {
    const choice = chooseStrategy(asked, { ...plain, ...topology })
    expect(choice).toMatchObject({ refused: asked })
    expect('obstacles' in choice && choice.obstacles).toHaveLength(obstacles)
  })

  test.each(['consume', 'rotate', 'recompute'] as const)(
    '%s is taken where nothing speaks against it',
    (asked) => {
      expect(chooseStrategy(asked, plain)).toEqual({ strategy: asked, why: 'the configuration says so' })
    },
  )
})
