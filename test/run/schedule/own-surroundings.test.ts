import { describe, expect, it } from 'vitest'
import type { RunEvent, Warning } from '../../../src/run/events.ts'
import { createOwnSurroundings } from '../../../src/run/schedule/own-surroundings.ts'
import { surroundings } from '../surroundings.ts'

const warning = { code: 'a', message: 'a secret' }

describe('createOwnSurroundings', () => {
  it('keeps the stop of one run from the process', () => {
    const shared = surroundings()
    const own = createOwnSurroundings(shared)
    own.surroundings.control.request('stopped')
    own.surroundings.control.request('stopped')
    own.release()
    expect(own.surroundings.control.kill.aborted).toBe(true)
    expect(shared.control.stop.aborted).toBe(false)
  })

  it('passes the stop and the kill of the process on, with its reason', () => {
    const shared = surroundings()
    const own = createOwnSurroundings(shared)
    shared.control.request('interrupted')
    expect(own.surroundings.control.stop.reason).toMatchObject({ reason: 'interrupted' })
    expect(own.surroundings.control.kill.aborted).toBe(false)
    shared.control.request('interrupted')
    expect(own.surroundings.control.kill.aborted).toBe(true)
    own.release()
    const late = createOwnSurroundings(shared)
    expect(late.surroundings.control.kill.aborted).toBe(true)
    late.release()
  })

  it('leaves a run that is stopping already its grace', () => {
    const shared = surroundings()
    const own = createOwnSurroundings(shared)
    own.surroundings.control.request('stopped')
    shared.control.request('terminated')
    expect(own.surroundings.control.kill.aborted).toBe(false)
    expect(own.surroundings.control.stop.reason).toMatchObject({ reason: 'stopped' })
    own.release()
    shared.control.release()
  })

  it('collects the warnings of its own run only, and shows them all', () => {
    const kept: Warning[] = []
    const emit = (event: RunEvent) => {
      if (event.type === 'warning') kept.push({ ...event.warning, message: 'masked' })
    }
    const shared = { ...surroundings('me', emit), warnings: kept }
    const first = createOwnSurroundings(shared)
    const second = createOwnSurroundings(shared)
    first.surroundings.emit({ type: 'warning', warning })
    expect(first.surroundings.warnings).toEqual([{ code: 'a', message: 'masked' }])
    expect(second.surroundings.warnings).toEqual([])
    expect(kept).toHaveLength(1)
    first.release()
    second.release()
  })
})
