import { type Effect, type ExitCode, exitCodes, RowkeeperError } from '../lib/errors.ts'

/**
 * What a failed statement means for the transaction around it.
 * notSent: nothing reached a server · rolledBack: the whole transaction is gone, run it again ·
 * statementOnly: the transaction is still open and must be rolled back, then run again ·
 * wrongServer: not the primary any more · connectionLost: rolled back by the server unless it was the COMMIT ·
 * resource: space or memory ran out · permission · definition: schema or data do not fit · killed: interrupted by us.
 */
export type DatabaseErrorKind =
  | 'notSent'
  | 'rolledBack'
  | 'statementOnly'
  | 'wrongServer'
  | 'connectionLost'
  | 'resource'
  | 'permission'
  | 'definition'
  | 'killed'

interface KindRule {
  readonly members: readonly (number | string)[]
  readonly exitCode: ExitCode
  readonly retryable: boolean
  readonly hint: string
}

const doctorHint = 'See what the server says with: rowkeeper doctor'

/** Numbers from the servers' error references; 1020 is MariaDB's snapshot-isolation conflict (11.6.2 and later). */
const kindRules: Record<DatabaseErrorKind, KindRule> = {
  notSent: {
    members: [
      'ECONNREFUSED',
      'ENOTFOUND',
      'EAI_AGAIN',
      'ETIMEDOUT',
      'EHOSTUNREACH',
      'ENOENT',
      'ENETUNREACH',
      1040,
      1203,
      1226,
    ],
    exitCode: exitCodes.unavailable,
    retryable: true,
    hint: `Check that the server runs and that the URL is right. ${doctorHint}`,
  },
  rolledBack: { members: [1213, 1020], exitCode: exitCodes.tryLater, retryable: true, hint: 'Run it again.' },
  statementOnly: {
    members: [1205, 3572, 1317, 3024, 1969],
    exitCode: exitCodes.tryLater,
    retryable: true,
    hint: 'Another session holds the rows. Run it again when it has finished.',
  },
  wrongServer: {
    members: [1290, 1836, 1792, 1036, 1047, 1053],
    exitCode: exitCodes.unavailable,
    retryable: true,
    hint: `The server does not take writes; the primary may have moved. ${doctorHint}`,
  },
  connectionLost: {
    members: ['PROTOCOL_CONNECTION_LOST', 'ECONNRESET', 'EPIPE', 1927, 4031, 2006, 2013],
    exitCode: exitCodes.unavailable,
    retryable: true,
    hint: `The connection to the server was lost. ${doctorHint}`,
  },
  resource: {
    members: [1021, 1114, 1030, 1037, 1038, 1041, 1197, 1206],
    exitCode: exitCodes.failed,
    retryable: false,
    hint: 'Make room on the server before running it again.',
  },
  permission: {
    members: [
      1044,
      1045,
      1142,
      1143,
      1227,
      1370,
      1419,
      1129,
      1698,
      'HANDSHAKE_NO_SSL_SUPPORT',
      'HANDSHAKE_SSL_ERROR',
      3159,
    ],
    exitCode: exitCodes.noPermission,
    retryable: false,
    hint: `The account may not do this. ${doctorHint}`,
  },
  definition: {
    members: [
      1054, 1064, 1146, 1049, 1050, 1051, 1062, 1264, 1265, 1292, 1364, 1366, 1406, 1451, 1452, 1690, 3819,
      4025,
    ],
    exitCode: exitCodes.failed,
    retryable: false,
    hint: 'The table or its data do not fit what the job writes. See: rowkeeper config show',
  },
  killed: {
    members: [],
    exitCode: exitCodes.failed,
    retryable: true,
    hint: 'Run it again; it goes on where it stopped.',
  },
}

const kindByCode = new Map(
  Object.entries(kindRules).flatMap(([kind, rule]) =>
    rule.members.map((member) => [member, kind as DatabaseErrorKind] as const),
  ),
)

export class DatabaseError extends RowkeeperError {
  readonly kind: DatabaseErrorKind
  /** The server's error number, when the server answered at all. */
  readonly number: number | undefined

  constructor(details: {
    kind: DatabaseErrorKind
    message: string
    number?: number | undefined
    effect?: Effect
    cause?: unknown
    hint?: string
  }) {
    const rule = kindRules[details.kind]
    super({
      code: `database.${details.kind}`,
      message: details.message,
      hint: details.hint ?? rule.hint,
      effect: details.effect ?? 'none',
      retryable: rule.retryable,
      exitCode: rule.exitCode,
      cause: details.cause,
    })
    this.kind = details.kind
    this.number = details.number
  }
}

/** The reply to COMMIT was lost. Only the ledger's marker row can tell what happened. */
export class CommitUnknownError extends RowkeeperError {
  readonly connectionId: string

  constructor(connectionId: string, cause: unknown) {
    super({
      code: 'database.commitUnknown',
      message:
        'The connection was lost while the server was committing; it is not known whether the transaction took effect.',
      hint: 'See the run with: rowkeeper runs list',
      effect: 'unknown',
      exitCode: exitCodes.unknown,
      cause,
    })
    this.connectionId = connectionId
  }
}

interface DriverError {
  readonly code?: unknown
  readonly errno?: unknown
  readonly sqlMessage?: unknown
  readonly message?: unknown
  readonly fatal?: unknown
  readonly syscall?: unknown
}

/**
 * Translates a driver error at the edge. `attempt` says what was tried: "reading candidates from shop.payments".
 * The driver's own message carries interpolated values, so only the server's sentence is kept.
 */
export function translateDriverError(error: unknown, attempt: string): RowkeeperError {
  if (error instanceof RowkeeperError) return error
  const { code, errno, sqlMessage, message, fatal } = error as DriverError
  const number = typeof errno === 'number' && errno > 0 ? errno : undefined
  const kind = classify(error as DriverError, number) ?? (fatal === true ? 'connectionLost' : 'definition')
  const observed = String(sqlMessage ?? message ?? code)
  const label = number === undefined ? '' : ` (error ${number})`
  const sentence = `While ${attempt}: ${observed}${label}.`
  return new DatabaseError({ kind, number, message: sentence, cause: error, ...hintFor(number) })
}

const hintsByNumber: Readonly<Record<number, string>> = {
  1045: 'The user or the password is wrong, or the account may not connect from here. Correct the url under databases, then run: rowkeeper doctor',
  1526: 'A partition for the value is missing; somebody may have dropped it meanwhile. Run it again: what is missing is added first.',
  1049: 'Correct the database name in the URL, or create the database. See: rowkeeper config show',
}

/** Where the advice for the whole kind would lead astray. */
function hintFor(number: number | undefined): { readonly hint?: string } {
  const hint = number === undefined ? undefined : hintsByNumber[number]
  return hint === undefined ? {} : { hint }
}

/** The same code means two things: ETIMEDOUT while connecting never reached the server, later it did. */
function classify(error: DriverError, number: number | undefined): DatabaseErrorKind | undefined {
  if (error.code === 'ETIMEDOUT' && error.syscall !== 'connect') return 'connectionLost'
  return kindByCode.get(number ?? '') ?? kindByCode.get(typeof error.code === 'string' ? error.code : '')
}

/** Both kinds end the whole transaction for us; the caller starts it again from BEGIN. */
export function isRestartable(error: unknown): boolean {
  return error instanceof DatabaseError && (error.kind === 'rolledBack' || error.kind === 'statementOnly')
}
