import type { TableFiles } from '../run/table-file.ts'

export const tableFiles: TableFiles = {
  create: () => Promise.reject(new TypeError('files of rows are not written yet')),
}
