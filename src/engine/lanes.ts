/** Work side by side. The first failure ends all, each after the unit it has in hand. */
export async function runLanes(lanes: readonly ((failed: AbortSignal) => Promise<void>)[]): Promise<void> {
  const failed = new AbortController()
  await Promise.all(lanes.map((lane) => lane(failed.signal).catch((error) => failed.abort(error))))
  failed.signal.throwIfAborted()
}
