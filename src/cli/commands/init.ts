import { writeFile } from 'node:fs/promises'
import { exitCodes, RowkeeperError } from '../../lib/errors.ts'
import type { Handler } from '../shell.ts'

const SCHEMA_FILE = 'rowkeeper.schema.json'

export const init: Handler = async ({ shell, jobs, globals, options }) => {
  const [{ initialConfig }, { configJsonSchema }] = await Promise.all([
    import('../../config/init.ts'),
    import('../../config/json-schema.ts'),
  ])
  const overwrite = options.force === true ? 'overwrite' : 'keep'
  const schema = configJsonSchema(jobs.map(({ kind, schema }) => ({ kind, schema })))
  await writeNew(globals.config, initialConfig(), overwrite)
  await writeNew(SCHEMA_FILE, `${JSON.stringify(schema, null, 2)}\n`, 'overwrite')
  shell.process.stdout.write(
    `${globals.config} and ${SCHEMA_FILE} are written.\nnext: edit ${globals.config}, then run: rowkeeper config check\n`,
  )
  return exitCodes.done
}

async function writeNew(path: string, text: string, existing: 'keep' | 'overwrite'): Promise<void> {
  try {
    await writeFile(path, text, { flag: existing === 'keep' ? 'wx' : 'w' })
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST'
    throw new RowkeeperError({
      code: exists ? 'init.exists' : 'init.notWritten',
      message: exists
        ? `${path} is there already and was left as it is.`
        : `${path} could not be written: ${(cause as Error).message}.`,
      hint: exists ? 'To overwrite it: rowkeeper init --force' : undefined,
      exitCode: exists ? exitCodes.refused : exitCodes.failed,
      cause,
    })
  }
}
