import { readServerTime } from '../../../src/db/server.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { DefinitionUnknownError } from '../../../src/run/ddl-errors.ts'
import { applyChanges, type Pass } from '../changes/apply.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { isInWindow } from './in-window.ts'
import { readNames } from './names-tell.ts'
import { swapTables } from './swap.ts'
import { parseWindow } from './window.ts'

/** What is left then takes no time worth speaking of under the lock. */
const FEW_CHANGES = 1000
const SHORT_PASS_MS = 300
const PAUSE_MS = 500

/** Follows the changes until few are left. Says so when they come faster than they are applied. */
export async function catchUp(scene: Scene): Promise<void> {
  let before: Pass | undefined
  for (;;) {
    const pass = await applyChanges(scene)
    if (isNear(pass)) return
    if (before !== undefined && pass.changes > before.changes) warnOfRates(scene, before, pass)
    before = pass
  }
}

function isNear({ changes, milliseconds }: Pass): boolean {
  return changes <= FEW_CHANGES || milliseconds <= SHORT_PASS_MS
}

/** A changelog that grows has no end that could be told: the two rates are the truth. */
function warnOfRates({ context }: Scene, before: Pass, pass: Pass): void {
  const applied = rate(before.changes, before.milliseconds)
  const written = rate(pass.changes, before.milliseconds)
  context.emit({
    type: 'warning',
    warning: {
      code: 'migrate.doesNotConverge',
      message: `Changes are made faster than they are carried over: ${written} against ${applied} a second. The swap waits until there are fewer.`,
    },
  })
}

function rate(changes: number, milliseconds: number): string {
  return Math.round((changes * 1000) / Math.max(1, milliseconds)).toLocaleString('en')
}

/** Until an operator says so, and the hour is right. Changes are followed meanwhile. */
export async function holdBack(scene: Scene): Promise<void> {
  const { context, steering, settings } = scene
  const { hold, window } = settings.options.cutOver
  let isHeld = hold
  for (;;) {
    const request = await steering.heed()
    if (request === 'cutOver') isHeld = false
    const isOpen = window === undefined || (await isOpenNow(scene, window))
    if (request !== 'pause' && !isHeld && isOpen) return
    await applyChanges(scene)
    await scene.progress.save()
    await context.clock.sleep(PAUSE_MS, context.stop)
  }
}

async function isOpenNow({ context }: Scene, window: string): Promise<boolean> {
  return isInWindow(parseWindow(window), await context.read(readServerTime))
}

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000

/**
 * Attempts, each with a short wait for the lock, and longer and longer pauses in which changes are followed.
 *
 * @throws RowkeeperError `lock.notHad` (exit 75) when patience is over; the copy is kept
 */
export async function cutOver(scene: Scene): Promise<void> {
  const { context, settings, tally } = scene
  const begun = context.clock.elapsed()
  for (let attempt = 1; ; attempt++) {
    const ended = await attemptSwap(scene)
    if (ended.type === 'swapped') {
      tally.add(resultOf({ changed: 1, cutOverStallMs: ended.stallMs }))
      return
    }
    const delayMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS)
    if (context.clock.elapsed() - begun + delayMs > settings.options.cutOver.patience) throw ended.error
    context.emit({
      type: 'retrying',
      what: 'swapping the tables',
      attempt,
      delayMs,
      why: ended.error.message,
    })
    await followFor(scene, delayMs)
    await holdBack({ ...scene, settings: withoutHold(scene.settings) })
  }
}

/** Who said that it may be swapped has said so. */
function withoutHold(settings: Scene['settings']): Scene['settings'] {
  const { options } = settings
  return { ...settings, options: { ...options, cutOver: { ...options.cutOver, hold: false } } }
}

async function followFor(scene: Scene, milliseconds: number): Promise<void> {
  const { context } = scene
  const begun = context.clock.elapsed()
  while (context.clock.elapsed() - begun < milliseconds) {
    await context.clock.sleep(Math.min(PAUSE_MS, milliseconds), context.stop)
    await catchUp(scene)
  }
}

type Attempt =
  | { readonly type: 'swapped'; readonly stallMs: number | undefined }
  | { readonly type: 'again'; readonly error: RowkeeperError }

const passing: readonly string[] = ['lock.notHad', 'migrate.renameNotQueued']

async function attemptSwap(scene: Scene): Promise<Attempt> {
  await catchUp(scene)
  try {
    return { type: 'swapped', stallMs: await swapTables(scene) }
  } catch (error) {
    if (!(error instanceof RowkeeperError) || !isPassing(error)) throw error
    return decideByNames(scene, error)
  }
}

function isPassing(error: RowkeeperError): boolean {
  return error instanceof DefinitionUnknownError || passing.includes(error.code)
}

/** After a connection was lost, only the names tell what happened. */
async function decideByNames(scene: Scene, error: RowkeeperError): Promise<Attempt> {
  const names = await readNames(scene)
  switch (names) {
    case 'swapped':
      return { type: 'swapped', stallMs: undefined }
    case 'waiting':
      return { type: 'again', error }
    case 'odd':
      throw oddNames(scene, error)
  }
}

export function oddNames({ route }: Pick<Scene, 'route'>, cause?: unknown): RowkeeperError {
  const { source, shadow, retired } = route
  return new RowkeeperError({
    code: 'migrate.oddNames',
    message: `Of ${source.name.table}, ${shadow.table} and ${retired.table} in ${source.name.schema} the wrong ones are there: somebody else renamed or dropped one.`,
    hint: 'Look which of them holds the rows; nothing was dropped by rowkeeper.',
    effect: 'unknown',
    exitCode: exitCodes.unknown,
    cause,
  })
}
