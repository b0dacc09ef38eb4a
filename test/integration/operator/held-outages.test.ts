// Held Jobs and pods while the operator is down, cut off, slow, early, not alone, or has no permission to let them go.
import { toMilliseconds } from '@konductor/schema';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../../faults/fault-proxy.ts';
import { firstDo, passAhead } from '../../faults/faults.ts';
import { applyObject } from '../../support/cluster/administrator.ts';
import { installOperator, operatorRequests, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, replaceStatus } from '../../support/cluster/raw-requests.ts';
import { createToken, serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import type { HeldWorkload } from '../../support/pods/held-workloads.ts';
import { annotated, Holds } from '../../support/pods/holds.ts';
import { installHold, permitHold } from '../../support/pods/installed-hold.ts';
import type { OperatorProcess } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
});

async function newHolds(): Promise<Holds> {
  const namespace = await createNamespace(controlPlane, 'hold');
  await installHold(controlPlane, namespace, kubeconfig);
  return new Holds(namespace);
}

/** An operator that reaches the API server through a proxy. */
async function startBehindProxy({ namespace }: Holds): Promise<{ proxy: FaultProxy; operator: OperatorProcess }> {
  const proxy = await startFaultProxy(controlPlane, namespace);
  const account = { namespace: 'konductor-system', serviceAccount: 'konductor-operator' };
  const token = await createToken(controlPlane, account);
  const path = proxy.writeKubeconfig(`${controlPlane.directory}/${namespace}.kubeconfig`, { token });
  return { proxy, operator: await startOperatorIn(namespace, path) };
}

const allLetGo = (holds: Holds, objects: readonly HeldWorkload[]) =>
  Promise.all(objects.map((object) => holds.letGo(object)));
const exists = async ({ client }: Holds, group: string) =>
  (await client.list()).some(({ metadata }) => metadata.name === group);

describe('an operator that was down', () => {
  it('lets go what was done meanwhile', async () => {
    const holds = await newHolds();
    const group = await holds.group();
    const objects = [await holds.job(group), await holds.pod(group)];
    await holds.client.done(group);
    await startOperatorIn(holds.namespace, kubeconfig);
    await allLetGo(holds, objects);
  });

  it('lets go before it deletes a WaitGroup that has expired meanwhile', async () => {
    const holds = await newHolds();
    const group = await holds.group({ ttl: '0s' });
    const pods = await holds.pods(group, 50);
    await holds.client.done(group);
    const completed = await api.get(holds.namespace, group);
    await replaceStatus(completed, { ...completed.status, completedAt: toMilliseconds(new Date()) });
    await startOperatorIn(holds.namespace, kubeconfig);
    await allLetGo(holds, pods);
    await eventually('the deletion', async () => !(await exists(holds, group)));
  });
});

it('notices a round that was done between two others while its watches were broken', async () => {
  const holds = await newHolds();
  const { proxy } = await startBehindProxy(holds);
  const group = await holds.group();
  const objects = [await holds.job(group), await holds.pod(group)];
  const early = await holds.job(group, annotated('min-added', '2'));
  expect(await holds.staysHeld(early)).toBe(true);
  proxy.refuseConnections();
  await holds.client.done(group);
  await holds.client.add(group);
  await proxy.acceptConnections();
  await allLetGo(holds, objects);
  expect(await holds.staysHeld(early)).toBe(true);
});

it('keeps an expired WaitGroup until everything that it lets go is let go', async () => {
  const holds = await newHolds();
  const { proxy, operator } = await startBehindProxy(holds);
  const group = await holds.group({ ttl: '0s' });
  const pod = await holds.pod(group);
  const gate = Promise.withResolvers<void>();
  proxy.otherwise(({ label }) => (label === 'PATCH list' ? firstDo(() => gate.promise) : undefined));
  await holds.client.done(group);
  const attempts = () => operator.log.filter(({ msg, decision }) => msg === 'reconciled' && decision === 'delete');
  await eventually('the second decision to delete it', () => attempts().length > 1);
  expect([await holds.isHeld(pod), await exists(holds, group)]).toEqual([true, true]);
  gate.resolve();
  await eventually('the deletion', async () => !(await exists(holds, group)));
  expect(await holds.isHeld(pod)).toBe(false);
});

/** As after 30 seconds: the operator goes by the API server's clock. */
it('says that a WaitGroup is missing, or lets go then, as the annotation on-missing says', async () => {
  const holds = await newHolds();
  const [job, pod] = [await holds.job('missing'), await holds.pod('missing')];
  const replaced = await holds.pod('missing', annotated('on-missing', 'release'));
  const proxy = await startFaultProxy(controlPlane, holds.namespace);
  proxy.otherwise(() => passAhead(31_000));
  const account = { namespace: 'konductor-system', serviceAccount: 'konductor-operator' };
  const credentials = { token: await createToken(controlPlane, account) };
  const path = proxy.writeKubeconfig(`${controlPlane.directory}/${holds.namespace}.kubeconfig`, credentials);
  await startOperatorIn(holds.namespace, path);
  await holds.letGo(replaced);
  for (const object of [job, pod]) expect((await holds.event(object, 'WaitGroupMissing')).type).toBe('Warning');
  await holds.client.create({ name: 'missing', spec: { initialCount: 1, ttl: '0s' } });
  await holds.client.done('missing');
  await allLetGo(holds, [job, pod]);
  await eventually('the deletion', async () => !(await exists(holds, 'missing')));
  // As a Deployment replaces it.
  await holds.letGo(await holds.pod('missing', annotated('on-missing', 'release')));
});

it('is done by two operators once', async () => {
  const holds = await newHolds();
  const group = await holds.group();
  const failing = await holds.group();
  const jobs = await Promise.all(Array.from({ length: 12 }, () => holds.job(group)));
  const pods = await holds.pods(group, 12);
  const held = await holds.job(failing);
  const operators = await Promise.all([1, 2].map(() => startOperatorIn(holds.namespace, kubeconfig)));
  await holds.client.fail(failing, { reason: 'DiskFull', message: 'no space left' });
  await holds.client.done(group);
  await allLetGo(holds, [...jobs, ...pods]);
  expect(await Promise.all(operators.map((operator) => operator.stop()))).toEqual([0, 0]);
  const events = (await holds.events()).map(({ reason, involvedObject }) => `${reason} ${involvedObject.name}`);
  const released = [...jobs, ...pods].map(({ metadata }) => `Released ${metadata.name}`);
  expect(events.filter((event) => !event.endsWith(group) && !event.endsWith(failing)).sort()).toEqual(
    [...released, `WaitGroupFailed ${held.metadata.name}`].sort(),
  );
  const patches = (await operatorRequests(controlPlane, holds.namespace)).filter(({ verb }) => verb === 'patch');
  const resumed = patches.filter(
    ({ objectRef, responseStatus }) => objectRef?.resource === 'jobs' && responseStatus?.code === 200,
  );
  expect(resumed.map(({ objectRef }) => objectRef?.name).sort()).toEqual(
    jobs.map(({ metadata }) => metadata.name).sort(),
  );
});

it('lets 150 pods go with one write each', async () => {
  const holds = await newHolds();
  const group = await holds.group();
  const pods = await holds.pods(group, 150);
  await startOperatorIn(holds.namespace, kubeconfig);
  await holds.client.done(group);
  const patches = await eventually('every patch in the audit log', async () => {
    const requests = await operatorRequests(controlPlane, holds.namespace);
    const sofar = requests.filter(({ verb, objectRef }) => verb === 'patch' && objectRef?.name !== 'probe');
    return sofar.length >= pods.length && sofar;
  });
  const names = patches.map(({ objectRef }) => objectRef?.name);
  expect(names.sort()).toEqual(pods.map(({ metadata }) => metadata.name).sort());
  expect(await Promise.all(pods.map((pod) => holds.isHeld(pod)))).toEqual(Array(150).fill(false));
});

describe('without the permission to patch', () => {
  /** An account with the permissions of install.yaml alone. */
  async function newAccount(namespace: string) {
    const subject = { kind: 'ServiceAccount', namespace, name: 'operator' };
    const name = `konductor-${namespace}`;
    const apiGroup = 'rbac.authorization.k8s.io';
    const binding = {
      kind: 'ClusterRoleBinding',
      roleRef: { kind: 'ClusterRole', name: 'konductor-operator', apiGroup },
      subjects: [subject],
    };
    await applyObject(controlPlane, { apiVersion: `${apiGroup}/v1`, resource: 'clusterrolebindings', name }, binding);
    return {
      user: `system:serviceaccount:${namespace}:operator`,
      path: await serviceAccountKubeconfig(controlPlane, { namespace, serviceAccount: subject.name }),
    };
  }

  it('the operator says so once on each object, deletes the WaitGroup, and lets go soon after it is granted', async () => {
    const namespace = await createNamespace(controlPlane, 'hold');
    const holds = new Holds(namespace);
    const { user, path } = await newAccount(namespace);
    const operator = await startOperatorIn(namespace, path);
    const group = await holds.group({ ttl: '0s' });
    const objects = [await holds.job(group), await holds.pod(group)];
    await holds.client.done(group);
    for (const object of objects)
      expect((await holds.event(object, 'ReleaseForbidden')).message).toBe(
        `The operator cannot patch ${object.kind}s: apply hold.yaml (Helm: hold.enabled=true)`,
      );
    await eventually('the deletion', async () => !(await exists(holds, group)));
    const warnings = operator.log.filter(({ level, msg }) => level === 'warn' && msg === 'releasing is forbidden');
    expect(warnings.map(({ kind }) => kind).sort()).toEqual(['Job', 'Pod']);
    await permitHold(controlPlane, namespace, user);
    for (const object of objects) {
      await holds.event(object, 'Released');
      expect(await holds.isHeld(object)).toBe(false);
      expect(await holds.events(object)).toHaveLength(2);
    }
  });
});
