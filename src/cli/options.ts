import { Option } from 'commander'

/** The twin of a flag in the environment: `--max-runtime` is ROWKEEPER_MAX_RUNTIME. The flag wins. */
export function flag(flags: string, description: string): Option {
  const option = new Option(flags, description)
  return option.env(`ROWKEEPER_${option.name().replaceAll('-', '_').toUpperCase()}`)
}

export const globalFlags: readonly Option[] = [
  flag('-c, --config <file>', 'configuration file').default('rowkeeper.yaml'),
  flag('--format <format>', 'of the result on standard output').choices(['text', 'json']).default('text'),
  flag('--progress <mode>', 'on standard error')
    .choices(['auto', 'bar', 'lines', 'json', 'none'])
    .default('auto'),
  flag('-q, --quiet', 'no progress, only the result'),
  flag('--yes', 'confirm what cannot be undone'),
  flag('--no-input', 'never ask a question'),
  flag('--color <when>', 'colour in text').choices(['auto', 'always', 'never']).default('auto'),
]
