// The flags of leader election, as controller managers have them.
import { parseDuration } from '@konductor/schema';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type LeaderElectionTimes, timesProblem } from '../framework/leader-election/leader-election-rules.ts';
import { leaseName, namespaceName } from './object-names.ts';

export interface LeaderElectionSettings {
  readonly leaseName: string;
  /** Absent: the pod's own, or that of the kubeconfig's context. */
  readonly namespace: string | undefined;
  readonly times: LeaderElectionTimes;
}

/** What commander makes of the flags. */
export interface LeaderElectionFlags {
  readonly leaderElect?: boolean;
  readonly leaderElectionId: string;
  readonly leaderElectionNamespace?: string;
  readonly leaderElectLeaseDuration: number;
  readonly leaderElectRenewDeadline: number;
  readonly leaderElectRetryPeriod: number;
}

export function addLeaderElectionFlags(command: Command): Command {
  return command
    .option('--leader-elect', 'work only while holding a lease, so that others can stand by')
    .option('--leader-election-id <name>', 'name of the lease', leaseName, 'konductor-operator')
    .option(
      '--leader-election-namespace <namespace>',
      'namespace of the lease (default: the pod’s own, or that of the kubeconfig’s context)',
      namespaceName,
    )
    .addOption(durationOption('--leader-elect-lease-duration', 'how long others wait for a renewal', '15s'))
    .addOption(durationOption('--leader-elect-renew-deadline', 'without a renewal for so long the leader ends', '10s'))
    .addOption(durationOption('--leader-elect-retry-period', 'how often the lease is renewed or tried for', '2s'));
}

/** Undefined when it is off. Throws what is wrong with the flags. */
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

function milliseconds(text: string): number {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new InvalidArgumentError('Write it like 15s or 500ms.');
  return Number(parsed.nanoseconds) / 1e6;
}
