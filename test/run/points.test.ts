import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { archivePoints } from '../../jobs/archive/points.ts'
import { migratePoints } from '../../jobs/migrate/points.ts'
import { reconcilePoints } from '../../jobs/reconcile/points.ts'
import { rollupPoints } from '../../jobs/rollup/points.ts'
import { ddlPoints, runPoints } from '../../src/run/points.ts'

describe('points', () => {
  test('every point reached is in the lists that the fault tests go through, and no other is', () => {
    const files = ['src', 'jobs'].flatMap((folder) => filesBelow(folder))
    const reached = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\breach\('([^']+)'\)/g)].map((match) => match[1]),
    )
    const listed: readonly string[] = [
      ...runPoints,
      ...ddlPoints,
      ...archivePoints,
      ...reconcilePoints,
      ...rollupPoints,
      ...migratePoints,
    ]
    expect(reached.toSorted()).toEqual(listed.toSorted())
  })

  test('no point is named by anything but a literal', () => {
    const odd = ['src', 'jobs']
      .flatMap((folder) => filesBelow(folder))
      .flatMap((file) => readFileSync(file, 'utf8').match(/\.reach\((?!')[^)]*\)/g) ?? [])
    expect(odd).toEqual([])
  })
})

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
}
