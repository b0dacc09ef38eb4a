// The flags of leader election, named as in Kubernetes' controller managers.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type LeaderElectionTimes, timesProblem } from '../framework/leader-election/leader-election-rules.ts';
import { leaseName, milliseconds, namespaceName } from './values.ts';

export interface LeaderElectionSettings {
  readonly leaseName: string;
  /** Absent: the pod's namespace, or that of the kubeconfig context. */
  readonly namespace: string | undefined;
  readonly times: LeaderElectionTimes;
}

/** The flags as commander parses them. */
export interface LeaderElectionFlags {
  readonly leaderElect?: boolean;
  readonly leaderElectionId: string;
  readonly leaderElectionNamespace?: string;
  readonly leaderElectLeaseDuration: number;
  readonly leaderElectRenewDeadline: number;
  readonly leaderElectRetryPeriod: number;
}

const NAMESPACE_HELP = "namespace of the Lease (default: the pod's namespace, or that of the kubeconfig context)";
const LEASE_DURATION_HELP = 'how long candidates wait after a renewal before they try to acquire the Lease';
const RENEW_DEADLINE_HELP = 'how long the leader retries a renewal before it gives up leadership';
const RETRY_PERIOD_HELP = 'how long to wait between attempts to acquire or renew the Lease';

export function addLeaderElectionFlags(command: Command): Command {
  return command
    .option('--leader-elect', 'enable leader election, so that only one of several instances is active')
    .option('--leader-election-id <name>', 'name of the Lease', leaseName, 'konductor-operator')
    .option('--leader-election-namespace <namespace>', NAMESPACE_HELP, namespaceName)
    .addOption(durationOption('--leader-elect-lease-duration', LEASE_DURATION_HELP, '15s'))
    .addOption(durationOption('--leader-elect-renew-deadline', RENEW_DEADLINE_HELP, '10s'))
    .addOption(durationOption('--leader-elect-retry-period', RETRY_PERIOD_HELP, '2s'));
}

/** Undefined when leader election is off. Throws InvalidArgumentError when the times do not fit together. */
export function leaderElectionSettings(flags: LeaderElectionFlags): LeaderElectionSettings | undefined {
  if (!flags.leaderElect) return undefined;
  const times = {
    leaseDurationMs: flags.leaderElectLeaseDuration,
    renewDeadlineMs: flags.leaderElectRenewDeadline,
    retryPeriodMs: flags.leaderElectRetryPeriod,
  };
  const problem = timesProblem(times);
  if (problem) throw new InvalidArgumentError(`leader election: ${problem}`);
  return { leaseName: flags.leaderElectionId, namespace: flags.leaderElectionNamespace, times };
}

function durationOption(flag: string, description: string, byDefault: string): Option {
  return new Option(`${flag} <duration>`, description)
    .argParser(milliseconds)
    .default(milliseconds(byDefault), byDefault);
}
