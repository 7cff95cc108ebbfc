import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createBulkhead } from '../../src/resilience/bulkhead.ts'

function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

describe('createBulkhead', () => {
  it('runs no more than its concurrency at a time', async () => {
    const bulkhead = createBulkhead(3)
    const { signal } = new AbortController()
    let running = 0
    let most = 0
    const work = async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
    }
    await Promise.all(Array.from({ length: 50 }, () => bulkhead.run(work, signal)))
    expect(most).toBe(3)
  })

  it('lets a waiting item leave when its signal aborts, and never runs it', async () => {
    const bulkhead = createBulkhead(1)
    const { opened, open } = gate()
    const first = bulkhead.run(() => opened, new AbortController().signal)
    const leaving = new AbortController()
    let ran = false
    const second = bulkhead.run(async () => {
      ran = true
    }, leaving.signal)
    leaving.abort(new Error('stop'))
    await expect(second).rejects.toThrow('stop')
    open()
    await first
    await expect(bulkhead.run(async () => 'free again', new AbortController().signal)).resolves.toBe(
      'free again',
    )
    expect(ran).toBe(false)
  })

  it('lets work that has begun go on when its signal aborts', async () => {
    const bulkhead = createBulkhead(1)
    const { opened, open } = gate()
    const controller = new AbortController()
    const running = bulkhead.run(() => opened.then(() => 'done'), controller.signal)
    controller.abort()
    open()
    await expect(running).resolves.toBe('done')
  })

  it('keeps one listener on a signal that 1,000 wait on', async () => {
    const bulkhead = createBulkhead(1)
    const { opened, open } = gate()
    const { signal } = new AbortController()
    const all = Array.from({ length: 1000 }, () => bulkhead.run(() => opened, signal))
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    open()
    await Promise.all(all)
  })

  it('passes on what the work throws and frees the slot', async () => {
    const bulkhead = createBulkhead(1)
    const { signal } = new AbortController()
    const failing = bulkhead.run(() => Promise.reject(new Error('broken')), signal)
    const queued = bulkhead.run(() => Promise.reject(new Error('broken too')), signal)
    await expect(failing).rejects.toThrow('broken')
    await expect(queued).rejects.toThrow('broken too')
    await expect(bulkhead.run(async () => 1, signal)).resolves.toBe(1)
  })
})
