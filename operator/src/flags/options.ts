// The command line of konductor-operator, with the flags that users of controller-runtime know.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { VERSION } from '../version.ts';
import { type BindAddress, parseBindAddress } from './bind-address.ts';
import {
  addLeaderElectionFlags,
  type LeaderElectionFlags,
  type LeaderElectionSettings,
  leaderElectionSettings,
} from './leader-election-options.ts';
import { watchedNamespace } from './object-names.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export interface OperatorOptions {
  readonly kubeconfig?: string | undefined;
  readonly metricsBindAddress: BindAddress | 'off';
  /** The folder with the certificate that metrics are served by, to those who may read them; absent: to everybody, in plain. */
  readonly metricsCertPath?: string | undefined;
  readonly healthProbeBindAddress: BindAddress | 'off';
  readonly watchNamespace?: string | undefined;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Absent: off. */
  readonly leaderElection?: LeaderElectionSettings | undefined;
}

type Flags = Omit<OperatorOptions, 'leaderElection'> & LeaderElectionFlags & { readonly metricsSecure?: boolean };

/** Run with these options, or print and exit: `--help`, `--version`, or what is wrong in one line. */
export type ParsedArguments =
  | { readonly kind: 'run'; readonly options: OperatorOptions }
  | { readonly kind: 'exit'; readonly code: number; readonly stdout: string; readonly stderr: string };

/** `argv` without the runtime and the script. */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const output = { stdout: '', stderr: '' };
  const command = program().configureOutput({
    writeOut: (text) => {
      output.stdout += text;
    },
    writeErr: (text) => {
      output.stderr += text;
    },
    outputError: (text, write) => write(`konductor-operator: ${text.replace(/^error: /, '')}`),
  });
  try {
    command.parse([...argv], { from: 'user' });
    return { kind: 'run', options: optionsOf(command) };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'exit', code: error.exitCode, ...output };
  }
}

function optionsOf(command: Command): OperatorOptions {
  const { metricsSecure = false, ...flags } = command.opts<Flags>();
  if (metricsSecure !== (flags.metricsCertPath !== undefined))
    command.error('--metrics-secure and --metrics-cert-path go together: give both, or none');
  const { kubeconfig, metricsBindAddress, metricsCertPath, healthProbeBindAddress, watchNamespace, logLevel } = flags;
  const given = { kubeconfig, metricsBindAddress, metricsCertPath, healthProbeBindAddress, watchNamespace, logLevel };
  try {
    return { ...given, leaderElection: leaderElectionSettings(flags) };
  } catch (error) {
    return command.error((error as Error).message);
  }
}

function program(): Command {
  const command = new Command('konductor-operator')
    .description('Completes and collects WaitGroups (konductor.io/v1).')
    .exitOverride()
    .version(VERSION)
    .option('--kubeconfig <path>', 'kubeconfig to use outside a cluster (default: $KUBECONFIG, else the pod’s own)')
    .addOption(addressOption('--metrics-bind-address <address>', 'where /metrics is served', ':8080'))
    .option('--metrics-secure', 'serve metrics by HTTPS, to bearer tokens that may get /metrics')
    .option(
      '--metrics-cert-path <folder>',
      'folder with tls.crt and tls.key for --metrics-secure, read again as they rotate',
    )
    .addOption(addressOption('--health-probe-bind-address <address>', 'where /healthz and /readyz are served', ':8081'))
    .option('--watch-namespace <namespace>', 'the only namespace to look after (default: all)', watchedNamespace)
    .addOption(new Option('--log-level <level>', 'least level to log').choices([...LOG_LEVELS]).default('info'));
  return addLeaderElectionFlags(command);
}

function addressOption(flags: string, description: string, byDefault: string): Option {
  return new Option(flags, `${description}; port 0 picks a free one, the address 0 turns it off`)
    .argParser(bindAddress)
    .default(parseBindAddress(byDefault), byDefault);
}

function bindAddress(text: string): BindAddress | 'off' {
  const address = parseBindAddress(text);
  if (address === undefined) throw new InvalidArgumentError('Write it like :8080, 127.0.0.1:8080 or 0.');
  return address;
}
