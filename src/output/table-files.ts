import type { TableFiles } from '../run/table-file.ts'

/** Loaded with the first file: most commands write none. */
export const tableFiles: TableFiles = {
  async create(shape) {
    const { createTableFile } = await import('./table-file.ts')
    return createTableFile(shape)
  },
}
