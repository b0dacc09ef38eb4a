// The flags that every command takes, before its verb or after it.
import { type Command, Option } from 'commander';
import { LOG_LEVELS, type LogLevel } from '../process/log.ts';
import { parseNamespace, parseTimeout, type Timeout, withoutEqualsSign } from './values.ts';

/** What `-o` takes. */
export const OUTPUT_FORMATS = ['text', 'wide', 'json', 'yaml', 'name'] as const;
/** How a result is printed. */
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** The global flags as commander parses them. */
export interface GlobalFlags {
  readonly namespace?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly timeout?: Timeout;
  readonly output: OutputFormat;
  readonly verbose?: boolean;
  readonly logLevel: LogLevel;
}

/** Declares them on the program itself: commander then takes them anywhere on the line. */
export function addGlobalOptions(program: Command): void {
  program
    .option(
      '-n, --namespace <name>',
      "where the WaitGroup is (default: the context's, or the pod's own)",
      parseNamespace,
    )
    .option('--kubeconfig <path>', "kubeconfig to use (default: $KUBECONFIG, ~/.kube/config, or the pod's own account)")
    .option('--context <name>', 'context of the kubeconfig to use')
    .option(
      '--timeout <duration>',
      'how long to try, such as 30s or 1h30m (default: 60s; wait, run: no limit)',
      parseTimeout,
    )
    .addOption(outputOption())
    .option('-v, --verbose', 'say on stderr what is asked of the API server, and every retry')
    .addOption(new Option('--log-level <level>', 'what to say on stderr').choices(LOG_LEVELS).default('warn'));
}

function outputOption(): Option {
  const option = new Option('-o, --output <format>', 'how to print the result').choices(OUTPUT_FORMATS).default('text');
  const choose = option.parseArg;
  return option.argParser((text, previous) => choose?.(withoutEqualsSign(text), previous));
}
