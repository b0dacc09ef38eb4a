// A group that one client reaches through the proxy, and the administrator directly.
import { KubeTransport, WaitGroupClient, type WaitGroupClientOptions } from '@konductor/client';
import { onTestFinished } from 'vitest';
import type { ControlPlaneAccess } from '../control-plane/index.ts';
import { openClient } from '../support/cluster/client-access.ts';
import { createNamespace } from '../support/cluster/namespaces.ts';
import { startFaultProxy } from './fault-proxy.ts';

export async function newFaultedGroup(access: ControlPlaneAccess, initialCount = 0) {
  const namespace = await createNamespace(access, 'faults');
  const proxy = await startFaultProxy(access, namespace);
  const direct = await openClient({ kubeconfig: access.kubeconfig, namespace });
  await direct.create({ name: 'batch', spec: { initialCount } });
  const open = (options: WaitGroupClientOptions = {}) => {
    const transport = new KubeTransport(proxy.connection);
    onTestFinished(() => transport.close());
    return new WaitGroupClient(transport, options);
  };
  return {
    proxy,
    direct,
    open,
    client: open(),
    /** The counter as the API server has it. */
    counter: async () => (await direct.get('batch')).status?.counter ?? initialCount,
    /** Another group of the same name, with a counter of 7. */
    recreate: async () => {
      await direct.delete('batch');
      await direct.create({ name: 'batch' });
      await direct.add('batch', 7);
    },
    /** So many changes of the counter, each of its own, that leave it as it was. */
    churn: async (operations: number) => {
      for (let n = 0; n < operations; n++) await direct.add('batch', n % 2 === 0 ? 1 : -1);
    },
  };
}
