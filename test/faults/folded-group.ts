// A group with workers, reached through the proxy, whose records are folded when the test says so: the operator's part, in the
// smallest form.
import { connect, KubeTransport, resourcePath, WaitGroupApi, type WorkerClient } from '@konductor/client';
import {
  API_GROUP_VERSION,
  currentStatus,
  foldWorkers,
  type WaitGroup,
  type WaitGroupWorker,
  workerNames,
} from '@konductor/schema';
import { onTestFinished } from 'vitest';
import { listAll } from '../../client/src/kubernetes/list.ts';
import type { ControlPlaneAccess } from '../control-plane/index.ts';
import { newFaultedGroup } from './faulted-group.ts';

export const [POD_A, POD_B] = ['a', 'b'].map((end) => ({ name: `worker-${end}`, uid: `uid-${end}` })) as [Pod, Pod];

interface Pod {
  readonly name: string;
  readonly uid: string;
}

export async function newFoldedGroup(access: ControlPlaneAccess, initialCount = 0) {
  const group = await newFaultedGroup(access, initialCount);
  const { namespace } = group.direct;
  const transport = new KubeTransport(await connect({ kubeconfig: access.kubeconfig, env: {} }));
  onTestFinished(() => transport.close());
  const api = new WaitGroupApi(transport, 'konductor-operator');
  const path = resourcePath({ apiVersion: API_GROUP_VERSION, resource: workerNames.plural, namespace });
  /** One fold of all that is recorded, as the operator writes it from a complete list. */
  const fold = async (name = 'batch'): Promise<WaitGroup> => {
    const before = await api.get(namespace, name);
    const query = { fieldSelector: `spec.waitGroup=${name}` };
    const { items: records, resourceVersion: revision } = await listAll<WaitGroupWorker>(transport, { path, query });
    const folded = foldWorkers(before, { records, revision, isQuorumList: true }, new Date());
    return folded.kind === 'folded' ? api.updateStatus(before, folded.status) : before;
  };
  return {
    ...group,
    fold,
    /** A worker of this pod through the proxy. */
    worker: (pod: Pod | undefined = POD_A, id = 'w', name = 'batch'): WorkerClient =>
      group.client.worker(name, { id, pod }),
    record: async (id = 'w', name = 'batch') =>
      (await group.direct.workers(name)).find(({ spec }) => spec.worker === id)?.spec,
    status: async (name = 'batch') => currentStatus(await api.get(namespace, name)),
  };
}
