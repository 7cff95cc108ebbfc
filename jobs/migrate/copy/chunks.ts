import type { BatchSize } from '../../../src/engine/batch-size.ts'
import { type Bounds, toPosition } from '../position.ts'
import type { Scene } from '../scene.ts'
import type { Position } from '../state/model.ts'
import { selectChunkEnd } from './sql.ts'

/** Gives chunks out, one after the other, and knows up to where all of them are done. */
export interface Chunks {
  /** Undefined when everything is given out. */
  next(): Promise<Bounds | undefined>
  done(chunk: Bounds): void
}

export interface ChunkRange {
  /** Everything up to here is done. */
  readonly from: Position | undefined
  /** Undefined: there is nothing to do. */
  readonly to: Position | undefined
  /** Told up to where all is done, as it moves on. */
  readonly note: (done: Position) => void
}

export function createChunks(scene: Scene, size: BatchSize, range: ChunkRange): Chunks {
  const last = range.to
  let from = range.from
  let isOver = last === undefined || isSame(from, last)
  const open: { readonly chunk: Bounds; isDone: boolean }[] = []
  const give = async (): Promise<Bounds | undefined> => {
    if (isOver || last === undefined) return undefined
    const end = await readEnd(scene, { from, to: last }, size.rows)
    const chunk: Bounds = { from, to: end ?? last }
    isOver = end === undefined || isSame(end, last)
    from = chunk.to
    open.push({ chunk, isDone: false })
    return chunk
  }
  let giving: Promise<unknown> = Promise.resolve()
  return {
    next() {
      const next = giving.then(give)
      giving = next.catch(() => {})
      return next
    },
    done(chunk) {
      const given = open.find((one) => one.chunk === chunk)
      if (given !== undefined) given.isDone = true
      while (open[0]?.isDone === true) {
        range.note(open[0].chunk.to)
        open.shift()
      }
    },
  }
}

async function readEnd(
  { context, route }: Scene,
  bounds: Bounds,
  rows: number,
): Promise<Position | undefined> {
  const [row] = await context.read((session) => session.rows(selectChunkEnd(route, bounds, rows)))
  return row === undefined ? undefined : toPosition(route.key, row)
}

export function isSame(one: Position | undefined, other: Position): boolean {
  return one?.every((cell, index) => cell === other[index]) ?? false
}
