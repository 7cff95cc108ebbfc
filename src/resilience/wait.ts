import type { Clock } from '../lib/clock.ts'

const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls back when the signal aborts; returns how to take it back. However many wait, the signal carries one listener:
 * adding to an EventTarget walks its whole list (20,000 waiting items would be 200 million steps), and Node 20 warns
 * from the eleventh listener on.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = waiting.get(signal) ?? openGroup(signal)
  callbacks.add(callback)
  return () => callbacks.delete(callback)
}

function openGroup(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>()
  const callAll = () => {
    for (const callback of callbacks) callback()
    callbacks.clear()
  }
  waiting.set(signal, callbacks)
  signal.addEventListener('abort', callAll, { once: true })
  return callbacks
}

/** `clock.sleep` for many sleepers on one signal. Rejects with the signal's reason. */
export async function wait(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const relay = new AbortController()
  const forget = onAbort(signal, () => relay.abort(signal.reason))
  try {
    await clock.sleep(milliseconds, relay.signal)
  } finally {
    forget()
  }
}
