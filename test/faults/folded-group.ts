// A group whose workers reach it through the proxy, and whose records are folded when the test says so: the operator's part in
// its smallest form.
import type { WorkerClient } from '@konductor/client';
import { currentStatus, foldWorkers, type WaitGroup, type WaitGroupWorker, workerRecordName } from '@konductor/schema';
import { listAll } from '../../client/src/kubernetes/list.ts';
import type { ControlPlaneAccess } from '../control-plane/index.ts';
import { api, transport } from '../support/cluster/raw-requests.ts';
import { findWorker, identityOf, workersPath } from '../support/cluster/worker-records.ts';
import { newFaultedGroup } from './faulted-group.ts';

export interface Pod {
  readonly name: string;
  readonly uid: string;
}

export const POD: Pod = { name: 'worker-a', uid: 'uid-a' };
/** Another pod of the same worker. */
export const TWIN: Pod = { name: 'worker-b', uid: 'uid-b' };

export async function newFoldedGroup(access: ControlPlaneAccess, initialCount = 0) {
  const group = await newFaultedGroup(access, initialCount);
  const { namespace } = group.direct;
  const identity = identityOf(await group.direct.get('batch'));
  return {
    ...group,
    identity,
    fold: coalesced(() => fold(namespace)),
    /** A worker in this pod, through the proxy. */
    worker: (id = 'w', pod = POD): WorkerClient => group.client.worker('batch', { id, pod }),
    record: (id = 'w') => findWorker(namespace, workerRecordName(identity, id)),
  };
}

/** Counts all that is recorded; returns the group after it. */
async function fold(namespace: string): Promise<WaitGroup> {
  const group = await api.get(namespace, 'batch');
  const request = { path: workersPath(namespace), query: { fieldSelector: 'spec.waitGroup=batch' } };
  const { items: records, resourceVersion: revision } = await listAll<WaitGroupWorker>(transport, request);
  const folded = foldWorkers(group, { records, revision, isQuorumList: true }, new Date());
  if (folded.kind !== 'folded') return { ...group, status: currentStatus(group) };
  return api.updateStatus(group, folded.status);
}

/** One at a time: calls that come while one is under way share the next one. */
function coalesced<T>(work: () => Promise<T>): () => Promise<T> {
  let present: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    next ??= present.then(() => {
      next = undefined;
      const running = work();
      present = running;
      return running;
    });
    return next;
  };
}
