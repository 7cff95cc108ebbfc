import { expect, test } from 'vitest'
import { jobs } from '../jobs/index.ts'
import { generatedDocuments } from '../src/cli/documentation.ts'

// Made fresh by `npm run docs`, which is this file with its snapshots written.
for (const [name, text] of Object.entries(generatedDocuments(jobs))) {
  test(`${name} is what the program says`, async () => {
    await expect(text).toMatchFileSnapshot(`../${name}`)
  })
}
