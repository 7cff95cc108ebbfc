import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { RowkeeperError, unreachable } from '../lib/errors.ts'
import type { TableFile, TableFileReading, TableFileShape } from '../run/table-file.ts'
import { createCsvTable } from './csv-table.ts'
import { writeJson } from './json.ts'
import { createNdjsonTable } from './ndjson-table.ts'
import { createReportStream } from './report-stream.ts'
import { DamagedText, type TableCodec } from './table-codec.ts'
import { damagedFile, tableFileError } from './table-file-error.ts'
import { createTemporaryFile, type TemporaryFile, temporaryPrefix } from './temporary-file.ts'

export async function createTableFile(shape: TableFileShape): Promise<TableFile> {
  const path = await chooseFreePath(shape).catch((error: unknown) => {
    throw tableFileError(shape.folder, error)
  })
  return writeTableFile(path, shape, await createTemporaryFile(path, tableFileError))
}

/** Writes into `temporary`, which it takes over. */
export async function writeTableFile(
  path: string,
  shape: Pick<TableFileShape, 'format' | 'columns'>,
  temporary: TemporaryFile,
): Promise<TableFile> {
  const codec = createCodec(shape)
  const stream = createReportStream(temporary.handle, 'gzip')
  const translate = (attempt: Promise<void>) =>
    attempt.catch((error: unknown) => {
      throw error instanceof RowkeeperError ? error : tableFileError(path, error)
    })
  await translate(stream.put(codec.header))
  return {
    path,
    write: (records) => translate(stream.put(codec.encode(records))),
    end: () => translate(stream.end()),
    read: () => readTableFile(path, temporary, codec),
    async commit(sidecar) {
      await translate(writeSidecar(`${path}.json`, sidecar))
      await temporary.commit()
    },
    async discard() {
      await stream.abort()
      await temporary.discard()
    },
  }
}

/** A file that is there may be all that is left of rows that were dropped since, so none is ever replaced. */
async function chooseFreePath({ folder, name, format }: TableFileShape): Promise<string> {
  for (let number = 1; ; number++) {
    const path = join(folder, `${name}${number === 1 ? '' : `.${number}`}.${format}.gz`)
    const found = await lstat(path).catch(() => undefined)
    if (found !== undefined) continue
    await removeUnfinished(folder, path)
    return path
  }
}

/** What runs that were killed while writing this file left behind. The lease of the table keeps two from writing it. */
async function removeUnfinished(folder: string, path: string): Promise<void> {
  const prefix = temporaryPrefix(path)
  const names = (await readdir(folder)).filter((name) => name.startsWith(prefix))
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true })
}

function createCodec({ format, columns }: Pick<TableFileShape, 'format' | 'columns'>): TableCodec {
  switch (format) {
    case 'csv':
      return createCsvTable(columns)
    case 'ndjson':
      return createNdjsonTable(columns)
    default:
      return unreachable(format)
  }
}

function readTableFile(path: string, { path: place }: TemporaryFile, codec: TableCodec): TableFileReading {
  const hash = createHash('sha256')
  let bytes = 0
  const unpacked = createGunzip()
  const count = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk)
      bytes += chunk.length
      yield chunk
    }
  }
  return {
    records: (async function* () {
      const reading = pipeline(createReadStream(place), count, unpacked)
      // Its failure destroys the last stream, so whoever reads that is told.
      reading.catch(() => {})
      try {
        yield* codec.decode(decodeText(unpacked))
        await reading
      } catch (error) {
        throw explain(path, error)
      }
    })(),
    sha256: () => hash.digest('hex'),
    bytes: () => bytes,
  }
}

async function* decodeText(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}

function explain(path: string, error: unknown): RowkeeperError {
  if (error instanceof RowkeeperError) return error
  const observed = error instanceof Error ? error.message : String(error)
  return damagedFile(path, error instanceof DamagedText ? observed : `reading failed with ${observed}`, error)
}

async function writeSidecar(path: string, sidecar: unknown): Promise<void> {
  const temporary = await createTemporaryFile(path, tableFileError)
  try {
    await temporary.handle.writeFile(writeJson(sidecar))
    await temporary.handle.sync()
    await temporary.commit()
  } finally {
    await temporary.discard()
  }
}
