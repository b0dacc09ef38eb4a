// An API server whose certificate is not trusted for a while: its CA is replaced, or a clock is wrong.
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { connect, KubeTransport, WaitGroupClient } from '@konductor/client';
import { expect, inject, it } from 'vitest';
import { createAuthority } from '../../control-plane/access/x509.ts';
import { startFaultProxy } from '../../faults/fault-proxy.ts';
import { stopWithTest } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { isReady, startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');

it.each([
  ['without leader election', []],
  ['that leads', ['--leader-elect', '--leader-elect-lease-duration=60s', '--leader-elect-renew-deadline=40s']],
])('an operator %s goes on once the server is trusted again', async (_, flags) => {
  const namespace = await createNamespace(controlPlane, 'trust');
  const client = new WaitGroupClient(
    new KubeTransport(await connect({ env: { KUBECONFIG: controlPlane.kubeconfig } })),
    { namespace },
  );
  await client.create({ name: 'batch', spec: { initialCount: 1 } });
  const proxy = await startFaultProxy(controlPlane, namespace);
  const path = join(controlPlane.directory, `operator-${randomBytes(4).toString('hex')}.kubeconfig`);
  const election = flags.length === 0 ? [] : [`--leader-election-namespace=${namespace}`];
  const args = [`--watch-namespace=${namespace}`, ...flags, ...election];
  const operator = stopWithTest(await startOperator({ kubeconfig: proxy.writeKubeconfig(path), args }));
  await eventually('the watch', () => proxy.requests.includes('GET watch'));
  proxy.presentCertificate(createAuthority('other').issue({ commonName: 'stranger' }, ['127.0.0.1']));
  const isLogged = () => operator.log.some((line) => JSON.stringify(line).includes('is not trusted: it was issued by'));
  await eventually('the log line', isLogged);
  const sent = proxy.requests.length;
  await client.done('batch');
  expect(await isReady(operator)).toBe(true);
  expect(proxy.requests).toHaveLength(sent);
  proxy.presentCertificate();
  await eventually('the completion', async () => (await client.get('batch')).status?.completedAt);
  expect(operator.hasEnded).toBe(false);
});
