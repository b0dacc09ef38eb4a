// What the API server shows of a pod: whether it has ended and why, and the Job that it belongs to.
import type { KubeObject } from '@konductor/client';
import { MAX_REASON, REASON } from '@konductor/schema';

interface ContainerStatus {
  readonly state?: { readonly terminated?: { readonly reason?: string; readonly exitCode?: number } };
}

export interface Pod extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly ownerReferences?: readonly {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
      readonly uid: string;
      readonly controller?: boolean;
    }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

export interface PodEnd {
  /** One CamelCase word; `PodSucceeded` and `PodDeleted` are its only values for these two. */
  readonly reason: string;
  /** What happened, after the name of the pod. */
  readonly how: string;
}

/**
 * Undefined while the pod can still work, also while it terminates: the kubelet reports its end, or the pod is deleted, which is
 * what happens to the pods of a node that is gone. A pod that does not exist is undefined, and was deleted.
 */
export function podEnd(pod: Pod | undefined): PodEnd | undefined {
  if (pod === undefined) return { reason: 'PodDeleted', how: 'was deleted' };
  const { phase } = pod.status ?? {};
  if (phase === 'Succeeded') return { reason: 'PodSucceeded', how: 'succeeded' };
  return phase === 'Failed' ? failure(pod) : undefined;
}

function failure({ status = {} }: Pod): PodEnd {
  const ends = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
    .map(({ state }) => state?.terminated)
    .filter((terminated) => terminated !== undefined);
  const disruption = status.conditions?.find((condition) => condition.type === 'DisruptionTarget');
  const killed = ends.find((end) => end.reason === 'OOMKilled');
  const reason = [status.reason, killed?.reason, disruption?.reason].find(isReason);
  if (reason !== undefined) return { reason, how: `failed (${reason})` };
  const code = ends.find(({ exitCode = 0 }) => exitCode !== 0)?.exitCode;
  return { reason: 'PodFailed', how: code === undefined ? 'failed' : `failed (exit code ${code})` };
}

function isReason(text: string | undefined): text is string {
  return text !== undefined && text.length <= MAX_REASON && REASON.test(text);
}

/** A Job that may replace a pod. */
export interface JobReference {
  readonly name: string;
  /** Absent: known by its name only. */
  readonly uid?: string;
  /** Whether only an Indexed Job of this name has such pods. */
  readonly isIndexed?: boolean;
}

/** The Job that created the pod: one or none. */
export function jobsOf({ metadata }: Pod): readonly JobReference[] {
  return (metadata.ownerReferences ?? [])
    .filter(({ controller, kind, apiVersion }) => controller && kind === 'Job' && apiVersion.startsWith('batch/'))
    .map(({ name, uid }) => ({ name, uid }));
}

/**
 * The Jobs that can have created a pod of which only the name is known: the Job's name, in an Indexed Job the index, and 5
 * characters. Names are not cut back: Kubernetes cuts that of a Job with more than 57 characters.
 */
export function jobsNamedIn(podName: string): readonly JobReference[] {
  const [, name] = /^(.+)-[a-z0-9]{5}$/.exec(podName) ?? [];
  if (name === undefined) return [];
  const [, ofIndex] = /^(.+)-\d+$/.exec(name) ?? [];
  return ofIndex === undefined ? [{ name }] : [{ name }, { name: ofIndex, isIndexed: true }];
}
