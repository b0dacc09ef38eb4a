// The rules of client-go's leaderelection as pure functions of the observed lease and the local clock.
// https://pkg.go.dev/k8s.io/client-go/tools/leaderelection

/** The content of a lease. Its times, in RFC 3339, only inform people: clocks differ, so no decision depends on them. */
export interface LeaseRecord {
  /** Empty when released. */
  readonly holderIdentity: string;
  readonly leaseDurationSeconds: number;
  readonly acquireTime: string;
  readonly renewTime: string;
  /** How often the holder has changed. */
  readonly leaseTransitions: number;
}

export interface LeaderElectionTimes {
  /** How long other candidates wait after the last renewal. */
  readonly leaseDurationMs: number;
  /** How long the leader retries a renewal before it gives up leadership. */
  readonly renewDeadlineMs: number;
  readonly retryPeriodMs: number;
}

/** The state of one candidate. All moments are measured by its own monotonic clock. */
export interface Candidacy {
  readonly identity: string;
  readonly times: LeaderElectionTimes;
  /** Absent if the lease does not exist. */
  readonly observed?: Observation | undefined;
  /** When it sent its last successful write; absent if it has never been the leader, or another candidate was after it. */
  readonly renewedAtMs?: number | undefined;
}

export interface Observation {
  readonly record: LeaseRecord;
  /** When this candidate first read this content. */
  readonly changedAtMs: number;
}

export interface Moment {
  readonly monotonicMs: number;
  readonly wall: Date;
}

/** `hold`: acquire or renew the lease by writing this record. */
export type ElectionDecision =
  | { readonly kind: 'hold'; readonly record: LeaseRecord }
  | { readonly kind: 'wait'; readonly holder: string };

/** https://pkg.go.dev/k8s.io/client-go/tools/leaderelection#pkg-constants */
const JITTER_FACTOR = 1.2;

export function decide(candidacy: Candidacy, now: Moment): ElectionDecision {
  const { identity, observed } = candidacy;
  const holder = observed?.record.holderIdentity ?? '';
  const isFree = holder === '' || holder === identity || hasExpired(observed, now);
  return isFree ? { kind: 'hold', record: heldRecord(candidacy, now) } : { kind: 'wait', holder };
}

/** Becomes false at the renew deadline, well before another candidate may acquire the lease. */
export function isLeading({ renewedAtMs, times }: Candidacy, { monotonicMs }: Pick<Moment, 'monotonicMs'>): boolean {
  return renewedAtMs !== undefined && monotonicMs - renewedAtMs < times.renewDeadlineMs;
}

/** Keeps the previous observation if the record has not changed: then it has not been renewed either. */
export function observe(previous: Observation | undefined, record: LeaseRecord, now: Moment): Observation {
  const isSame = previous && JSON.stringify(previous.record) === JSON.stringify(record);
  return isSame ? previous : { record, changedAtMs: now.monotonicMs };
}

/** The content that lets any candidate acquire the lease at once. */
export function releasedRecord({ leaseTransitions }: LeaseRecord, { wall }: Moment): LeaseRecord {
  const now = wall.toISOString();
  return { holderIdentity: '', leaseDurationSeconds: 1, acquireTime: now, renewTime: now, leaseTransitions };
}

/** The time until the next attempt: jittered for candidates, exact for the last leader, which never sleeps past its deadline. */
export function untilNextAttemptMs(candidacy: Candidacy, now: Moment, random: () => number): number {
  const { renewedAtMs, times } = candidacy;
  const { retryPeriodMs, renewDeadlineMs } = times;
  if (renewedAtMs === undefined) return retryPeriodMs * (1 + random() * JITTER_FACTOR);
  const leftMs = renewedAtMs + renewDeadlineMs - now.monotonicMs;
  return leftMs > 0 ? Math.min(retryPeriodMs, leftMs) : retryPeriodMs;
}

/** Describes what is wrong with these times, if anything. */
export function timesProblem({ leaseDurationMs, renewDeadlineMs, retryPeriodMs }: LeaderElectionTimes) {
  if (retryPeriodMs <= 0) return 'the retry period must be greater than zero';
  if (renewDeadlineMs <= retryPeriodMs * JITTER_FACTOR)
    return `the renew deadline must be greater than ${JITTER_FACTOR} retry periods`;
  if (leaseDurationMs <= renewDeadlineMs) return 'the lease duration must be greater than the renew deadline';
  return undefined;
}

/** Measures the time since the lease was last observed to change, whatever the times in it say. */
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
