// The command line of konductor-operator, with the flags of controller-runtime.
import { Command, CommanderError, Option } from 'commander';
import { VERSION } from '../version.ts';
import {
  addLeaderElectionFlags,
  type LeaderElectionFlags,
  type LeaderElectionSettings,
  leaderElectionSettings,
} from './leader-election-options.ts';
import { type BindAddress, bindAddress, watchedNamespace } from './values.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export interface OperatorOptions {
  readonly kubeconfig?: string | undefined;
  readonly metricsBindAddress: BindAddress | 'off';
  /** The directory of the serving certificate, for metrics over HTTPS to authorized clients; absent: plain HTTP, to all. */
  readonly metricsCertPath?: string | undefined;
  readonly healthProbeBindAddress: BindAddress | 'off';
  readonly watchNamespace?: string | undefined;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Absent: off. */
  readonly leaderElection?: LeaderElectionSettings | undefined;
}

type Flags = Omit<OperatorOptions, 'leaderElection'> &
  LeaderElectionFlags & { readonly metricsSecure?: boolean; readonly licenses?: boolean };

/** Either the options to run with, or what to print before exiting: licenses, help, the version, or an error in one line. */
export type ParsedArguments =
  | { readonly kind: 'run'; readonly options: OperatorOptions }
  | { readonly kind: 'licenses' }
  | { readonly kind: 'exit'; readonly code: number; readonly stdout: string; readonly stderr: string };

/** `argv` without the runtime and the script. */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  const output = { stdout: '', stderr: '' };
  const command = operatorProgram().configureOutput({
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
    if (command.opts<Flags>().licenses) return { kind: 'licenses' };
    return { kind: 'run', options: optionsOf(command) };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'exit', code: error.exitCode, ...output };
  }
}

function optionsOf(command: Command): OperatorOptions {
  const { metricsSecure = false, ...flags } = command.opts<Flags>();
  if (metricsSecure !== (flags.metricsCertPath !== undefined))
    command.error('--metrics-secure and --metrics-cert-path must be set together');
  const { kubeconfig, metricsBindAddress, metricsCertPath, healthProbeBindAddress, watchNamespace, logLevel } = flags;
  const given = { kubeconfig, metricsBindAddress, metricsCertPath, healthProbeBindAddress, watchNamespace, logLevel };
  try {
    return { ...given, leaderElection: leaderElectionSettings(flags) };
  } catch (error) {
    return command.error((error as Error).message);
  }
}

const METRICS_SECURE_HELP = 'serve metrics over HTTPS, to clients that are authorized to get /metrics';
const METRICS_CERT_PATH_HELP = 'directory with tls.crt and tls.key for --metrics-secure, reloaded when they change';

/** The command line without its action, also for the reference. */
export function operatorProgram(): Command {
  const command = new Command('konductor-operator')
    .description(
      'The controller of WaitGroups (konductor.io/v1): records their completion and deletes them after their TTL.',
    )
    .exitOverride()
    .version(VERSION)
    .option('--licenses', 'print the licenses of the operator and of everything that it contains')
    .option('--kubeconfig <path>', 'path to a kubeconfig, required only outside a cluster (default: $KUBECONFIG)')
    .addOption(addressOption('--metrics-bind-address', 'the metrics endpoint', ':8080'))
    .option('--metrics-secure', METRICS_SECURE_HELP)
    .option('--metrics-cert-path <directory>', METRICS_CERT_PATH_HELP)
    .addOption(addressOption('--health-probe-bind-address', 'the probe endpoints /healthz and /readyz', ':8081'))
    .option('--watch-namespace <namespace>', 'namespace to watch (default: all namespaces)', watchedNamespace)
    .addOption(new Option('--log-level <level>', 'minimum level to log').choices([...LOG_LEVELS]).default('info'));
  return addLeaderElectionFlags(command);
}

function addressOption(flag: string, endpoint: string, byDefault: string): Option {
  const description = `bind address of ${endpoint}; port 0 selects a free port, the value 0 disables it`;
  return new Option(`${flag} <address>`, description).argParser(bindAddress).default(bindAddress(byDefault), byDefault);
}
