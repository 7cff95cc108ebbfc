import { readSpace, type Space } from '../../src/db/space.ts'
import type { Scene } from './scene.ts'

export async function readAverageRowBytes(scene: Pick<Scene, 'context' | 'route'>): Promise<number> {
  const { averageRowBytes } = await readSourceSpace(scene)
  return Math.max(1, averageRowBytes)
}

function readSourceSpace({ context, route }: Pick<Scene, 'context' | 'route'>): Promise<Space> {
  return context.read((session) => readSpace(session, route.source.name))
}
