import { afterAll, beforeAll, expect, it } from 'vitest';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { kubectl, kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';

let controlPlane: ControlPlane;

beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: true });
});
afterAll(() => controlPlane.stop());

const has = async (...args: string[]) => (await kubectl(controlPlane, ['get', ...args])).code === 0;

it('removes a deleted namespace', async () => {
  const namespace = await createNamespace(controlPlane, 'gone');
  await kubectlOutput(controlPlane, ['create', 'configmap', 'content', '-n', namespace]);
  await kubectlOutput(controlPlane, ['delete', 'namespace', namespace, '--wait=false']);
  await eventually('its end', async () => !(await has('namespace', namespace)));
});

it('deletes the dependents of a deleted owner', async () => {
  const namespace = await createNamespace(controlPlane, 'collected');
  await kubectlOutput(controlPlane, ['create', 'configmap', 'owner', '-n', namespace]);
  const owner = await kubectlJson<{ metadata: { uid: string } }>(controlPlane, ['get', 'cm', 'owner', '-n', namespace]);
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }];
  const dependent = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'dependent', ownerReferences } };
  await kubectlOutput(controlPlane, ['create', '-n', namespace, '-f', '-'], { input: JSON.stringify(dependent) });
  await kubectlOutput(controlPlane, ['delete', 'configmap', 'owner', '-n', namespace]);
  const isGone = async () => !(await has('configmap', 'dependent', '-n', namespace));
  await eventually('the collection', isGone);
});

it('creates the Pods of a Job, under the default service account', async () => {
  const namespace = await createNamespace(controlPlane, 'job');
  await eventually('the default service account', () => has('serviceaccount', 'default', '-n', namespace));
  await kubectlOutput(controlPlane, ['create', 'job', 'once', '--image=busybox', '-n', namespace]);
  const getPods = ['get', 'pods', '-n', namespace];
  const listPods = async () => (await kubectlJson<{ items: { spec: unknown }[] }>(controlPlane, getPods)).items;
  const pods = await eventually('a Pod', async () => (await listPods()).length > 0 && listPods());
  expect(pods).toMatchObject([{ spec: { serviceAccountName: 'default' } }]);
});
