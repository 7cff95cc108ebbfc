import { dirname, resolve } from 'node:path'
import { buildConfig } from './build.ts'
import { createSecretFileReader, isReadableByOthers, readConfigFile } from './config-file.ts'
import { type EffectiveValue, effectiveValues } from './effective.ts'
import { ConfigError, type Finding, formatPath, type Problem, type Warning } from './problem.ts'
import { createRedactor, type Redactor } from './redact.ts'
import type { Config, JobKindConfig } from './schema.ts'
import { fillReferences, type ReferenceSources } from './secrets.ts'
import { checkFrame, checkSections, lenientFrame, listSections } from './sections.ts'
import { findSecrets, findWarnings } from './sensitive.ts'
import { traceValues, type ValueSource } from './sources.ts'
import { readYaml, type YamlDocument } from './yaml-document.ts'

export interface LoadedConfig {
  readonly config: Config
  /** By path, such as `jobs.payments.grace`. */
  readonly sources: ReadonlyMap<string, ValueSource>
  /** Every value in force, in the order of the schemas, secrets included: print through `showConfig` only. */
  readonly values: readonly EffectiveValue[]
  readonly warnings: readonly Warning[]
  readonly redact: Redactor
}

export interface LoadOptions {
  readonly file: string
  readonly environment: NodeJS.ProcessEnv
  readonly kinds: readonly JobKindConfig[]
}

export interface ParseOptions extends ReferenceSources {
  readonly text: string
  /** As it shall appear in messages. */
  readonly fileName: string
  readonly kinds: readonly JobKindConfig[]
}

/**
 * Reads and checks a configuration file. Throws `config.missing` (exit 66) when there is none to read, and
 * ConfigError (exit 78) with every problem found. Touches no network.
 */
export function loadConfig({ file, environment, kinds }: LoadOptions): LoadedConfig {
  const text = readConfigFile(file)
  const readSecretFile = createSecretFileReader(file)
  const loaded = parseConfig({ text, fileName: file, environment, readSecretFile, kinds })
  return { ...loaded, warnings: [...loaded.warnings, ...warnAboutFiles(loaded, file)] }
}

/** The same from text: reads nothing but what `readSecretFile` reads. */
export function parseConfig({ text, fileName, kinds, ...referenceSources }: ParseOptions): LoadedConfig {
  const document = readYaml(text)
  if ('problems' in document)
    throw new ConfigError(document.problems.map((problem) => ({ file: fileName, ...problem })))
  const filled = fillReferences(document.tree, referenceSources)
  const frame = lenientFrame(filled.tree)
  const sections = listSections(frame, kinds)
  const values = sections.flatMap(({ parts, path }) =>
    parts.flatMap(({ schema, input }) => effectiveValues(schema, input, path)),
  )
  const redact = createRedactor(findSecrets(values, filled.fetched, sections))
  const findings = unlessUnfilled(
    [...checkFrame(filled.tree), ...checkSections(sections, kinds)],
    filled.findings,
  )
  const problems = locateAll([...filled.findings, ...findings], { fileName, document, redact })
  if (problems.length > 0) throw new ConfigError(problems)
  const config = buildConfig(frame, values)
  const sources = traceValues(values, { fetched: filled.fetched, document, fileName })
  return { config, sources, values, warnings: findWarnings(config, values, sources), redact }
}

/** A value that could not be fetched is one problem, not also a wrong value. */
function unlessUnfilled(findings: readonly Finding[], unfilled: readonly Finding[]): Finding[] {
  const places = new Set(unfilled.map(({ path }) => formatPath(path)))
  return findings.filter(({ path }) => !places.has(formatPath(path)))
}

interface Locating {
  readonly fileName: string
  readonly document: YamlDocument
  readonly redact: Redactor
}

function locateAll(findings: readonly Finding[], { fileName, document, redact }: Locating): Problem[] {
  return findings
    .map(({ path, message }) => ({
      file: fileName,
      ...document.locate(path),
      path: formatPath(path),
      message: redact(message),
    }))
    .toSorted((one, other) => one.line - other.line || one.column - other.column)
}

function warnAboutFiles({ sources, warnings }: LoadedConfig, file: string): Warning[] {
  const secretFiles = [...sources.values()]
    .flatMap((source) => (source.kind === 'reference' ? source.references : []))
    .flatMap((reference) => (reference.kind === 'secretFile' ? [resolve(dirname(file), reference.path)] : []))
  const ownFile = warnings.some(({ code }) => code === 'config.inlineSecret') ? [file] : []
  return [...new Set([...ownFile, ...secretFiles])].filter(isReadableByOthers).map((path) => ({
    code: 'config.readableByOthers',
    message: `${path} holds a secret and every account of this machine can read it; run: chmod 600 ${path}`,
  }))
}
