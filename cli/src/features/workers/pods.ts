// Reads pods, as far as the caller can list them.
import type { KubeObject } from '@konductor/client';
import { type PodReference, WAIT_GROUP_LABEL } from '@konductor/schema';
import type { Session } from '../../session/session.ts';
import { listShortly } from './short-list.ts';

/** The pods that have not ended, as `NAMESPACE/NAME`. */
export type LivePods = ReadonlySet<string>;

/** How many pods have the label of a WaitGroup, and how many of them have not ended. */
export interface LabelledPods {
  readonly total: number;
  readonly live: number;
}

interface Pod extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly deletionTimestamp?: string };
  readonly status?: { readonly phase?: string };
}

/** The phase of a pod or Job that does not exist. */
export const GONE = 'gone';

const ENDED: readonly (string | undefined)[] = ['Succeeded', 'Failed'];
const NOT_ENDED = 'status.phase!=Succeeded,status.phase!=Failed';

/** Undefined when they cannot be listed, or not with one request. */
export async function readLivePods(session: Session, namespace?: string): Promise<LivePods | undefined> {
  const pods = await list(session, namespace, { fieldSelector: NOT_ENDED });
  if (!pods?.isComplete) return undefined;
  return new Set(pods.items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
}

/** Undefined when they cannot be listed. */
export async function readLabelledPods(
  session: Session,
  { namespace, name }: { readonly namespace?: string | undefined; readonly name: string },
): Promise<LabelledPods | undefined> {
  const pods = await list(session, namespace, { labelSelector: `${WAIT_GROUP_LABEL}=${name}` });
  return pods && { total: pods.items.length, live: pods.items.filter((pod) => !hasEnded(phaseOf(pod))).length };
}

/** The phase of the pod, `Terminating` or `gone`; undefined when it cannot be read. */
export async function readPhase(session: Session, namespace: string, pod: PodReference): Promise<string | undefined> {
  const pods = await list(session, namespace, { fieldSelector: `metadata.name=${pod.name}` });
  const found = pods?.items.find(({ metadata }) => metadata.uid === pod.uid);
  return pods && (found ? phaseOf(found) : GONE);
}

/** Whether a pod in this phase can no longer finish its work. */
export function hasEnded(phase: string | undefined): boolean {
  return phase === GONE || ENDED.includes(phase);
}

function phaseOf({ metadata, status }: Pod): string {
  const { phase = 'Unknown' } = status ?? {};
  return metadata.deletionTimestamp && !hasEnded(phase) ? 'Terminating' : phase;
}

function list(session: Session, namespace: string | undefined, selector: Readonly<Record<string, string>>) {
  return listShortly<Pod>(session, { apiVersion: 'v1', resource: 'pods', namespace, selector });
}
