// The workers whose work is outstanding, and the phases of their pods. It imports the client, so commands import it when they run.
import { compareRevisions, type WaitGroup, type WaitGroupWorker } from '@konductor/schema';
import type { Session } from '../../session/session.ts';
import { hasEnded, type LivePods, readPhase } from './pods.ts';

/** A worker that has not finished. */
export interface OutstandingWorker {
  readonly id: string;
  readonly pod: string | undefined;
  /** Undefined if it is not known. */
  readonly phase: string | undefined;
  readonly createdAt: string | undefined;
  /** Why it has not finished, if it said so. */
  readonly message: string | undefined;
}

/** The latest change of a worker. */
export interface WorkerMove {
  readonly worker: string;
  readonly state: WaitGroupWorker['spec']['state'];
  readonly at: string;
}

/** The workers of a WaitGroup that have not finished. */
export interface Outstanding {
  readonly total: number;
  /** The first of them: those whose pod has ended, then the oldest. */
  readonly shown: readonly OutstandingWorker[];
  /** How many are known to have no pod any more that could finish their work. */
  readonly lost: number;
  /** The latest changes of any worker, and of one that has finished. */
  readonly last?: WorkerMove | undefined;
  readonly lastFinished?: WorkerMove | undefined;
}

const SHOWN = 5;

/** What is known already, and the limit of the requests. */
export interface OutstandingOptions {
  /** Undefined if the pods are not known. */
  readonly live?: LivePods | undefined;
  /** Absent: that of the session. */
  readonly timeoutMs?: number;
}

/** Throws when the records cannot be listed. */
export async function readOutstanding(
  { metadata: { name, uid } }: WaitGroup,
  session: Session,
  { live, timeoutMs = session.callOptions.timeoutMs }: OutstandingOptions,
): Promise<Outstanding> {
  const { namespace } = session.client;
  const records = await session.client.workers(name, { ...session.callOptions, timeoutMs, uid });
  const isLost = ({ spec: { pod } }: WaitGroupWorker) =>
    live !== undefined && pod !== undefined && !live.has(`${namespace}/${pod.name}`);
  const active = records.filter(({ spec }) => spec.state === 'Active').sort(byAge);
  const lost = active.filter(isLost);
  const first = [...lost, ...active.filter((record) => !isLost(record))].slice(0, SHOWN);
  const shown = await Promise.all(first.map((record) => lookAt(record, session)));
  const moves = records.sort(byRevision).flatMap(moveOf);
  return {
    total: active.length,
    shown,
    lost: live ? lost.length : shown.filter(({ phase }) => hasEnded(phase)).length,
    last: moves[0],
    lastFinished: moves.find(({ state }) => state !== 'Active'),
  };
}

async function lookAt({ metadata, spec }: WaitGroupWorker, session: Session): Promise<OutstandingWorker> {
  const { worker, pod, message } = spec;
  const phase = pod && (await readPhase(session, session.client.namespace, pod));
  return { id: worker, pod: pod?.name, phase, createdAt: metadata.creationTimestamp, message };
}

/** Its time is that of the last write in managedFields. */
function moveOf({ metadata, spec: { worker, state } }: WaitGroupWorker): readonly WorkerMove[] {
  const { managedFields = [] } = metadata as { managedFields?: readonly { readonly time?: string }[] };
  const at =
    managedFields
      .map(({ time = '' }) => time)
      .sort()
      .at(-1) || metadata.creationTimestamp;
  return at === undefined ? [] : [{ worker, state, at }];
}

/** The last write first. */
function byRevision(one: WaitGroupWorker, other: WaitGroupWorker): number {
  return compareRevisions(other.metadata.resourceVersion ?? '0', one.metadata.resourceVersion ?? '0');
}

/** The oldest first; times are in whole seconds. */
function byAge(one: WaitGroupWorker, other: WaitGroupWorker): number {
  const [a, b] = [one, other].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.name}`) as [
    string,
    string,
  ];
  return a < b ? -1 : 1;
}

/** `web-1 (pod Running), web-2 (pod gone), and 7 more` */
export function nameOutstanding({ total, shown }: Pick<Outstanding, 'total' | 'shown'>): string {
  const names = shown.map(({ id, phase }) => (phase === undefined ? id : `${id} (pod ${phase})`));
  return [...names, ...(total > shown.length ? [`and ${total - shown.length} more`] : [])].join(', ');
}
