import type { DatabaseConfig } from '../config/schema.ts'
import { type Database, openDatabase, type Writer } from '../db/database.ts'
import { DatabaseError } from '../db/errors.ts'
import { WriteGrant } from '../db/grant.ts'
import type { ReadSession } from '../db/session.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { controlTablesMissing, readControlStatus } from './control.ts'
import type { Surroundings } from './launch.ts'
import { createReleases } from './releases.ts'
import { controlSchemaOf, databaseSettings } from './settings.ts'

/** A database of the configuration, by the name it has there. */
export interface NamedDatabase {
  readonly name: string
  readonly config: DatabaseConfig
}

/** What a command about rowkeeper's own tables works with. `schema` is where those tables live. */
export interface ControlReading {
  readonly database: Database
  readonly schema: string
  read<T>(work: (session: ReadSession) => Promise<T>): Promise<T>
}

export interface ControlWriting extends ControlReading {
  readonly writer: Writer
}

/** Connects with the control schema as the default one, and closes whatever `work` comes to. */
export async function withControlReader<T>(
  { name, config }: NamedDatabase,
  { clock, control }: Pick<Surroundings, 'clock' | 'control'>,
  work: (reading: ControlReading) => Promise<T>,
): Promise<T> {
  const schema = controlSchemaOf(config)
  const settings = databaseSettings(name, config, undefined)
  const database = await openDatabase({
    settings: { ...settings, target: { ...settings.target, schema } },
    clock,
    kill: control.kill,
  }).catch((error) => {
    throw error instanceof DatabaseError && error.number === UNKNOWN_DATABASE
      ? noSchema(schema, error)
      : error
  })
  try {
    return await work({ database, schema, read: database.read })
  } finally {
    await database.close()
  }
}

/**
 * The one place beside a run that makes the right to write, for rowkeeper's own tables only: installing them, asking a
 * run to stop, taking a slot, pruning. No statement of a job goes through it.
 */
export async function withControlWriter<T>(
  database: NamedDatabase,
  surroundings: Pick<Surroundings, 'clock' | 'control'>,
  work: (writing: ControlWriting) => Promise<T>,
): Promise<T> {
  return withControlReader(database, surroundings, async (reading) => {
    const releases = createReleases()
    try {
      const writer = await reading.database.openWriter(WriteGrant.mint('control'), 'work')
      releases.add(writer.close)
      return await work({ ...reading, writer })
    } finally {
      await releases.run()
    }
  })
}

/** Throws `state.missing` or `state.outdated` (exit 4) with the command that makes the tables. */
export async function requireControlTables({ read, schema }: ControlReading): Promise<void> {
  const status = await read((session) => readControlStatus(session, schema))
  if (!status.isInstalled) throw controlTablesMissing(status)
}

const UNKNOWN_DATABASE = 1049

function noSchema(schema: string, cause: Error): RowkeeperError {
  return new RowkeeperError({
    code: 'state.noSchema',
    message: `There is no schema ${schema} on this server.`,
    hint: `Correct the database's url or controlSchema, or make it: CREATE DATABASE \`${schema}\``,
    exitCode: exitCodes.refused,
    cause,
  })
}
