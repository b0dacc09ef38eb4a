// Who leads: pure rules about a lease that was read and the local clock, those of client-go's leaderelection.
// https://pkg.go.dev/k8s.io/client-go/tools/leaderelection

/** What a lease says. Times are RFC 3339, for people to read: clocks differ, so nothing is decided by them. */
export interface LeaseRecord {
  /** Empty: released. */
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  /** How often the holder has changed. */
  readonly leaseTransitions: number;
}

export interface LeaderElectionTimes {
  /** How long others leave a lease alone that is not renewed. */
  readonly leaseDurationMs: number;
  /** How long the leader goes without a renewal before it gives up. */
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

/** What a candidate knows. All moments are of its own monotonic clock. */
export interface Candidacy {
  readonly identity: string;
  readonly times: LeaderElectionTimes;
  /** Absent: there is no lease. */
  readonly observed?: Observation | undefined;
  /** When it sent its last write that succeeded; absent: it has not led yet. */
  readonly renewedAtMs?: number | undefined;
}

export interface Observation {
  readonly record: LeaseRecord;
  /** When it was first seen to say this. */
  readonly changedAtMs: number;
}

export interface Moment {
  readonly monotonicMs: number;
  readonly wall: Date;
}

export type ElectionDecision =
  | { readonly kind: 'acquire' | 'renew'; readonly record: LeaseRecord }
  | { readonly kind: 'wait'; readonly holder: string }
  | { readonly kind: 'lost'; readonly reason: string };

/** https://pkg.go.dev/k8s.io/client-go/tools/leaderelection#pkg-constants */
const JITTER_FACTOR = 1.2;

export function decide(candidacy: Candidacy, now: Moment): ElectionDecision {
  const { identity, observed, renewedAtMs } = candidacy;
  const holder = observed?.record.holderIdentity ?? '';
  if (renewedAtMs === undefined) {
    const isFree = holder === '' || holder === identity || hasExpired(observed, now);
    return isFree ? { kind: 'acquire', record: heldRecord(candidacy, now) } : { kind: 'wait', holder };
  }
  if (!isLeading(candidacy, now)) return { kind: 'lost', reason: 'the lease was not renewed in time' };
  if (holder !== '' && holder !== identity) return { kind: 'lost', reason: `${holder} holds the lease` };
  return { kind: 'renew', record: heldRecord(candidacy, now) };
}

/** False from the moment on when the renewal is overdue, well before anybody else may lead. */
export function isLeading({ renewedAtMs, times }: Candidacy, { monotonicMs }: Pick<Moment, 'monotonicMs'>): boolean {
  return renewedAtMs !== undefined && monotonicMs - renewedAtMs < times.renewDeadlineMs;
}

/** A record that says the same as before has not been renewed since it was first seen so. */
export function observe(previous: Observation | undefined, record: LeaseRecord, now: Moment): Observation {
  const isSame = previous && JSON.stringify(previous.record) === JSON.stringify(record);
  return isSame ? previous : { record, changedAtMs: now.monotonicMs };
}

/** What gives the lease to whoever comes first. */
export function releasedRecord({ leaseTransitions }: LeaseRecord, { wall }: Moment): LeaseRecord {
  const now = wall.toISOString();
  return { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now, leaseTransitions };
}

/** Until the next attempt: candidates are spread, the leader is punctual and does not sleep past its deadline. */
export function untilNextAttemptMs(candidacy: Candidacy, now: Moment, random: () => number): number {
  const { retryPeriodMs, renewDeadlineMs } = candidacy.times;
  if (candidacy.renewedAtMs === undefined) return retryPeriodMs * (1 + random() * JITTER_FACTOR);
  return Math.min(retryPeriodMs, Math.max(candidacy.renewedAtMs + renewDeadlineMs - now.monotonicMs, 0));
}

/** What is wrong with these times, if anything. */
export function timesProblem({ leaseDurationMs, renewDeadlineMs, retryPeriodMs }: LeaderElectionTimes) {
  if (retryPeriodMs <= 0) return 'the retry period must be longer than zero';
  if (renewDeadlineMs <= retryPeriodMs * JITTER_FACTOR)
    return `the renew deadline must be longer than ${JITTER_FACTOR} retry periods`;
  if (leaseDurationMs <= renewDeadlineMs) return 'the lease duration must be longer than the renew deadline';
  return undefined;
}

/** By the time since it was seen to change, whatever the times in it say. */
function hasExpired(observed: Observation | undefined, { monotonicMs }: Moment): boolean {
  if (!observed) return true;
  return monotonicMs - observed.changedAtMs >= observed.record.leaseDurationSeconds * 1000;
}

function heldRecord({ identity, times, observed }: Candidacy, { wall }: Moment): LeaseRecord {
  const now = wall.toISOString();
  const held = { holderIdentity: identity, leaseDurationSeconds: Math.ceil(times.leaseDurationMs / 1000) };
  if (!observed) return { ...held, acquireTime: now, renewTime: now, leaseTransitions: 0 };
  const { holderIdentity, acquireTime, leaseTransitions } = observed.record;
  return holderIdentity === identity
    ? { ...held, acquireTime: acquireTime || now, renewTime: now, leaseTransitions }
    : { ...held, acquireTime: now, renewTime: now, leaseTransitions: leaseTransitions + 1 };
}
