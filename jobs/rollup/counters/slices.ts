/** So many at a time, of what may be made only as it is asked for. */
export function* slicesOf<T>(all: Iterable<T>, length: number): Generator<readonly T[]> {
  let slice: T[] = []
  for (const one of all) {
    slice.push(one)
    if (slice.length < length) continue
    yield slice
    slice = []
  }
  if (slice.length > 0) yield slice
}
