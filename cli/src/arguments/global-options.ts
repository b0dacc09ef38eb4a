// The flags that every command takes, before or after its verb.
import { type Command, Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from '../process/log.ts';
import { parseNamespace, parseTimeout, type Timeout, withoutEqualsSign } from './values.ts';

/** The values of `-o`. */
export const OUTPUT_FORMATS = ['text', 'wide', 'json', 'yaml', 'name'] as const;
/** The format in which a result is printed. */
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** The global flags as commander parses them. */
export interface GlobalFlags {
  readonly namespace?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
  readonly asUid?: string;
  readonly timeout?: Timeout;
  readonly output: OutputFormat;
  readonly verbose?: boolean;
  readonly logLevel: LogLevel;
}

/** Declares the flags on the program itself: commander then accepts them anywhere on the command line. */
export function addGlobalOptions(program: Command): void {
  program
    .option(
      '-n, --namespace <name>',
      'namespace to use (default: the namespace of the context or of the pod)',
      parseNamespace,
    )
    .option(
      '--kubeconfig <path>',
      "path to the kubeconfig (default: $KUBECONFIG, ~/.kube/config, or the pod's ServiceAccount)",
    )
    .option('--context <name>', 'kubeconfig context to use')
    .option('--as <user>', 'user to impersonate, such as system:serviceaccount:NAMESPACE:NAME')
    .option('--as-group <group>', 'group to impersonate; can be repeated', collect)
    .option('--as-uid <uid>', 'UID to impersonate')
    .option(
      '--timeout <duration>',
      'time limit, such as 30s or 1h30m (default: 60s; wait and run: no limit)',
      parseTimeout,
    )
    .addOption(outputOption())
    .option('-v, --verbose', 'log API requests and retries to stderr')
    .addOption(new Option('--log-level <level>', 'minimum level to log to stderr').choices(LOG_LEVELS).default('warn'));
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function outputOption(): Option {
  const option = new Option('-o, --output <format>', 'output format').choices(OUTPUT_FORMATS).default('text');
  const choose = option.parseArg;
  return option.argParser((text, previous) => choose?.(withoutEqualsSign(text), previous));
}
