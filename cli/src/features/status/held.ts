// The Jobs and pods that wait for a WaitGroup by their label: what holds each, since when, and why. Pure.
import {
  AFTER_LABEL,
  currentStatus,
  type HoldFields,
  type HoldTerms,
  holdOfJob,
  holdOfPod,
  holdTermsOf,
  MIN_ADDED_ANNOTATION,
  RELEASED_AT_ANNOTATION,
  type WaitGroup,
} from '@konductor/schema';
import { formatAgo, secondsSince } from '../../output/age.ts';
import { PATIENCE_SECONDS } from '../doctor/operator-lag.ts';
import { endOfJob, type Job } from '../workers/jobs.ts';

/** A Job or pod with the label; of a pod, only its metadata and gates count. */
export interface Workload extends Job {
  readonly spec?: NonNullable<HoldFields['spec']>;
}

export type Kind = 'Job' | 'Pod';

/** An object that is held. */
export interface HeldObject extends Pick<HoldTerms, 'minAdded' | 'isReleasedOnFailure'> {
  readonly kind: Kind;
  readonly name: string;
  readonly uid: string;
  readonly createdAt: string;
  /** When the operator let it go; it was suspended again since. */
  readonly releasedAt: string | undefined;
}

/** The objects that are held, the oldest first. */
export interface Held {
  readonly objects: readonly HeldObject[];
  /** False if there are more. */
  readonly isComplete: boolean;
  /** Whether an Event says that the operator cannot let them go. */
  readonly isForbidden?: boolean | undefined;
}

/** What decides about an object. */
export interface HoldContext extends Pick<Held, 'isForbidden'> {
  readonly group: WaitGroup;
  readonly now: Date;
}

/** Undefined if nothing holds it for a WaitGroup. */
export function heldObject(kind: Kind, object: Workload): HeldObject | undefined {
  const { name, uid = '', creationTimestamp: createdAt = '', deletionTimestamp, annotations = {} } = object.metadata;
  const hold = kind === 'Job' ? holdOfJob(object) : holdOfPod(object);
  if (deletionTimestamp || endOfJob(object) || !hold) return undefined;
  const { minAdded, isReleasedOnFailure } = holdTermsOf(annotations);
  return { kind, name, uid, createdAt, minAdded, isReleasedOnFailure, releasedAt: annotations[RELEASED_AT_ANNOTATION] };
}

/** What an object waits for, in words. */
export function whyHeld(object: HeldObject, { group, isForbidden = false, now }: HoldContext): string {
  const { counter, added = counter, outcome } = currentStatus(group);
  const { minAdded, releasedAt } = object;
  if (releasedAt !== undefined) return `let go ${formatAgo(releasedAt, now)}, and suspended again since`;
  if (Number.isNaN(minAdded)) return `${MIN_ADDED_ANNOTATION} is no whole number`;
  if (isReleasable(object, group)) {
    if (isForbidden) return 'the operator is not allowed to let it go';
    return isStuck(object, { group, now }) ? 'the operator has not let it go' : 'about to be let go';
  }
  const few = added < minAdded ? `${added} added, of at least ${minAdded}` : '';
  if (outcome === 'Failed') return 'the round failed; held until one succeeds';
  return [counter > 0 ? `${counter} outstanding` : '', few].filter(Boolean).join('; ');
}

/** Whether the operator should have let it go by now, or has said that it cannot. */
export function isStuck(object: HeldObject, { group, isForbidden, now }: HoldContext): boolean {
  if (!isReleasable(object, group)) return false;
  const { conditions = [] } = currentStatus(group);
  const since = conditions.find(({ type }) => type === 'Done')?.lastTransitionTime ?? group.metadata.creationTimestamp;
  const isLongAgo = (time = '') => secondsSince(time, now) > PATIENCE_SECONDS;
  return isForbidden || [since, object.createdAt].every(isLongAgo);
}

/** Whether nothing keeps the operator from letting it go. */
export function isReleasable({ minAdded, isReleasedOnFailure, releasedAt }: HeldObject, group: WaitGroup): boolean {
  if (releasedAt !== undefined || group.metadata.deletionTimestamp !== undefined || Number.isNaN(minAdded))
    return false;
  const { counter, added = counter, outcome } = currentStatus(group);
  return outcome === 'Failed' ? isReleasedOnFailure : counter === 0 && added >= minAdded;
}

/** `2 Jobs and 1 pod` */
export function countHeld(objects: readonly HeldObject[], isComplete = true): string {
  const counts = (['Job', 'Pod'] as const).map(
    (kind) => [kind, objects.filter((one) => one.kind === kind).length] as const,
  );
  const parts = counts.flatMap(([kind, n]) =>
    n > 0 ? [`${n} ${kind === 'Job' ? 'Job' : 'pod'}${n > 1 ? 's' : ''}`] : [],
  );
  return parts.join(' and ') + (isComplete ? '' : ' or more');
}

/** The label selector of the objects that wait for a WaitGroup. */
export function selectorOf(name: string): string {
  return `${AFTER_LABEL}=${name}`;
}
