// Builds records of workers and pods for tests.
import type { Pod } from '@konductor/operator';
import type { WaitGroupWorker } from '@konductor/schema';

export const POD = { name: 'batch-0-x7k2p', uid: 'pod-1' };

/** Active in the pod, with a unit of its own, unless told otherwise. */
export function buildWorker(
  spec: Partial<WaitGroupWorker['spec']> = {},
  name = 'batch.batch-0.uid-1',
): WaitGroupWorker {
  return {
    apiVersion: 'konductor.io/v1',
    kind: 'WaitGroupWorker',
    metadata: { name, namespace: 'jobs', uid: `uid-of-${name}`, resourceVersion: '9' },
    spec: {
      ...{ waitGroup: 'batch', waitGroupUid: 'uid-1', worker: 'batch-0', state: 'Active' },
      ...{ added: 1, done: 0, borrowed: 0, round: 0, pod: POD },
      ...spec,
    },
  };
}

export function buildPod(status: Pod['status'] = { phase: 'Running' }, metadata: Partial<Pod['metadata']> = {}): Pod {
  return { metadata: { ...POD, namespace: 'jobs', ...metadata }, status };
}

export const terminated = (reason: string, exitCode: number) => ({ state: { terminated: { reason, exitCode } } });
