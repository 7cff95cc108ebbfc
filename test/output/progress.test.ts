import { describe, expect, it } from 'vitest'
import { commandText } from '../../src/output/event-text.ts'
import { createRenderer, type ProgressMode } from '../../src/output/progress.ts'
import type { RunEvent } from '../../src/run/events.ts'
import { createHandClock } from '../support/hand-clock.ts'
import { createRecorder, result } from './sample.ts'

async function open(mode: ProgressMode, terminal = createRecorder()) {
  const clock = createHandClock()
  const renderer = await createRenderer({ mode, terminal, clock })
  const emit = (event: RunEvent) => renderer.render({ at: clock.now().toISOString(), runId: 'R', event })
  const progress = (done: number, total = 1000) =>
    emit({ type: 'stepProgress', step: 'copying film', done, total, unit: 'rows' })
  return {
    clock,
    renderer,
    emit,
    progress,
    text: terminal.text,
    lines: () => terminal.text().split('\n').slice(0, -1),
  }
}

describe('the name of a command', () => {
  it.each([
    ['reconcile', 'run', 'reconcile run'],
    ['reconcile', 'review approve', 'reconcile review approve'],
    ['archive', 'archive months', 'archive months'],
  ])('of %s, %s: %s', (kind, verb, text) => {
    expect(commandText({ kind, verb })).toBe(text)
  })
})

describe('lines', () => {
  it('tell a run from start to end', async () => {
    const { clock, renderer, emit, progress, text } = await open('lines')
    emit({ type: 'runStarted', job: 'film-note', kind: 'migrate', verb: 'run', runId: 'R' })
    emit({ type: 'leaseTaken', lease: 'shop.film' })
    emit({ type: 'stepStarted', step: 'copying film', total: 1000, unit: 'rows' })
    for (let second = 1; second <= 5; second++) {
      await clock.advance(1000)
      progress(second * 100)
    }
    emit({ type: 'stepThrottled', step: 'copying film', reason: 'replica lag 6 s, limit 5 s' })
    emit({ type: 'retrying', what: 'chunk 7', attempt: 1, delayMs: 250, why: 'deadlock' })
    emit({ type: 'breakerChanged', service: 'pay', circuit: 'lookup', from: 'closed', to: 'open' })
    emit({ type: 'itemSettled', item: 'payment 7', text: 'marked paid' })
    emit({ type: 'warning', warning: { code: 'clock.skew', message: '3 s apart' } })
    emit({ type: 'checkFailed', finding: { id: 'key', severity: 'error', evidence: 'none', fix: 'add one' } })
    emit({ type: 'stopping', text: 'stopped by SIGINT' })
    emit({ type: 'stepFinished', step: 'copying film', done: 500, unit: 'rows' })
    emit({ type: 'runFinished', result })
    renderer.close()
    expect(text()).toMatchInlineSnapshot(`
      "2026-11-22T03:00:00Z  film-note: migrate run started (run R)
      2026-11-22T03:00:00Z  lease of shop.film taken
      2026-11-22T03:00:00Z  copying film: started, 1,000 rows to go
      2026-11-22T03:00:01Z  copying film: 10 %, 100 / 1,000 rows, ETA …
      2026-11-22T03:00:02Z  copying film: 20 %, 200 / 1,000 rows, 100/s, ETA …
      2026-11-22T03:00:03Z  copying film: 30 %, 300 / 1,000 rows, 100/s, ETA …
      2026-11-22T03:00:04Z  copying film: 40 %, 400 / 1,000 rows, 100/s, ETA 6 s
      2026-11-22T03:00:05Z  copying film: 50 %, 500 / 1,000 rows, 100/s, ETA 5 s
      2026-11-22T03:00:05Z  copying film: waiting, replica lag 6 s, limit 5 s
      2026-11-22T03:00:05Z  chunk 7: attempt 1 failed, deadlock; next in 250 ms
      2026-11-22T03:00:05Z  circuit breaker pay lookup: closed → open
      2026-11-22T03:00:05Z  payment 7: marked paid
      2026-11-22T03:00:05Z  warning: 3 s apart (clock.skew)
      2026-11-22T03:00:05Z  error    key: none
               fix: add one
      2026-11-22T03:00:05Z  stopping: stopped by SIGINT
      2026-11-22T03:00:05Z  copying film: 500 rows in 5.0 s (100/s)
      2026-11-22T03:00:05Z  payments: succeeded in 12 s (run 019aab12-7cd1-7000-8000-5f0e3c2b1a00, all changes were made)
      "
    `)
  })

  it('come every 15 s when the count crawls', async () => {
    const { clock, progress, lines } = await open('lines')
    progress(0, 1_000_000)
    for (let second = 1; second <= 60; second++) {
      await clock.advance(1000)
      progress(second, 1_000_000)
    }
    expect(lines()).toHaveLength(5)
  })

  it('come every 15 s when nothing moves at all', async () => {
    const { clock, renderer, emit, lines } = await open('lines')
    emit({ type: 'stepStarted', step: 'adding indexes', unit: 'indexes' })
    await clock.advance(45_000)
    expect(lines()).toEqual([
      '2026-11-22T03:00:00Z  adding indexes: started',
      '2026-11-22T03:00:15Z  adding indexes: 0 indexes',
      '2026-11-22T03:00:30Z  adding indexes: 0 indexes',
      '2026-11-22T03:00:45Z  adding indexes: 0 indexes',
    ])
    renderer.close()
    expect(clock.pending()).toBe(0)
  })

  it('come for every 5 %, but no more than one a second', async () => {
    const { clock, progress, lines } = await open('lines')
    for (let tenth = 0; tenth <= 100; tenth++) {
      progress(tenth * 10)
      await clock.advance(100)
    }
    expect(lines()).toHaveLength(11)
  })

  it('give no percentage and no time past the expected total', async () => {
    const { clock, progress, lines } = await open('lines')
    progress(900)
    await clock.advance(15_000)
    progress(1100)
    await clock.advance(15_000)
    expect(lines().at(-1)).toBe(
      '2026-11-22T03:00:30Z  copying film: 1,100 rows, more than the 1,000 expected, 7/s',
    )
  })

  it('never say 100 % or 0 s while work remains', async () => {
    const { clock, progress, text } = await open('lines')
    for (const done of [0, 500_000, 900_000, 999_990, 999_999, 999_999]) {
      progress(done, 1_000_000)
      await clock.advance(15_000)
    }
    expect(text()).not.toMatch(/100 %|ETA 0/)
    expect(text()).toContain('99 %, 999,999 / 1,000,000 rows')
  })

  it('hold back the flood of one kind and say how much', async () => {
    const { clock, renderer, emit, lines } = await open('lines')
    for (let attempt = 0; attempt < 500; attempt++) {
      emit({ type: 'retrying', what: `lookup ${attempt}`, attempt: 1, delayMs: 500, why: 'HTTP 503' })
    }
    emit({ type: 'warning', warning: { code: 'x', message: 'still seen' } })
    expect(lines()).toHaveLength(11)
    await clock.advance(15_000)
    emit({ type: 'retrying', what: 'lookup 500', attempt: 1, delayMs: 500, why: 'HTTP 503' })
    renderer.close()
    expect(lines().slice(11)).toEqual([
      '2026-11-22T03:00:15Z  490 more lines of this kind (retrying) not shown',
      '2026-11-22T03:00:15Z  lookup 500: attempt 1 failed, HTTP 503; next in 500 ms',
    ])
  })

  it('let no foreign text out', async () => {
    const { emit, text } = await open('lines')
    const hostile = '\u001b[2J\u202e\nx'
    emit({ type: 'stepStarted', step: hostile, total: 3, unit: hostile })
    emit({ type: 'itemSettled', item: hostile, text: hostile })
    emit({ type: 'warning', warning: { code: hostile, message: hostile } })
    expect(text()).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u)
    expect(text().split('\n')).toHaveLength(4)
  })
})

describe('the other modes', () => {
  it('json writes each event as it is, one a line', async () => {
    const { emit, text } = await open('json')
    emit({ type: 'stopping', text: 'a\u001b\nb' })
    emit({ type: 'stepStarted', step: 's', unit: 'rows' })
    const documents = text()
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
    expect(documents).toEqual([
      { at: '2026-11-22T03:00:00.000Z', runId: 'R', event: { type: 'stopping', text: 'a\u001b\nb' } },
      { at: '2026-11-22T03:00:00.000Z', runId: 'R', event: { type: 'stepStarted', step: 's', unit: 'rows' } },
    ])
    expect(text()).not.toContain('\u001b')
  })

  it('none writes nothing', async () => {
    const { emit, progress, text } = await open('none')
    emit({ type: 'stopping', text: 'x' })
    progress(1)
    expect(text()).toBe('')
  })

  it.each([
    ['bar off a terminal', 'bar', createRecorder()],
    ['auto off a terminal', 'auto', createRecorder()],
    ['auto in CI', 'auto', { ...createRecorder(80), environment: { CI: 'true' } }],
    ['auto on a dumb terminal', 'auto', { ...createRecorder(80), environment: { TERM: 'dumb' } }],
  ] as const)('%s is lines', async (_, mode, terminal) => {
    const { emit, renderer, text } = await open(mode, terminal)
    emit({ type: 'stepStarted', step: 'copying', unit: 'rows' })
    renderer.close()
    expect(text()).toBe('2026-11-22T03:00:00Z  copying: started\n')
  })
})
