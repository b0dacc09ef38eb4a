// The admission policy on status.completedAt, as it is shipped: workers count, but cannot make a WaitGroup expire.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WaitGroup } from '@konductor/schema';
import { beforeAll, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { newGroup, openClient, restrictedKubeconfig, workerRules } from '../../support/cluster/client-access.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { api, create } from '../../support/cluster/raw-requests.ts';
import { kubectl, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');
const MANIFEST = join(import.meta.dirname, '../../../cdk8s/manifests/user-roles.yaml');
const time = new Date().toISOString();
const done = { counter: 0, phase: 'Done', added: 1, completions: 1, addedAtCompletion: 1 };

beforeAll(async () => {
  const items = parseAllDocuments(readFileSync(MANIFEST, 'utf8'))
    .map((document) => document.toJS())
    .filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy'));
  expect(items).toHaveLength(2);
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
  await kubectlOutput(access, ['apply', '--server-side', '-f', '-'], { input });
});

/** A WaitGroup `batch` of one worker, the worker's client, and its raw write of the status. */
async function newWorker() {
  const { namespace, client: admin } = await newGroup(access, { initialCount: 1, ttl: '1h' });
  const kubeconfig = await restrictedKubeconfig(access, { namespace, rules: workerRules('batch') });
  const worker = await openClient({ kubeconfig, namespace });
  const write = async (status: object, ...flags: string[]) => {
    const group = await admin.get('batch');
    const input = JSON.stringify({ ...group, status });
    return kubectl(access, ['replace', '--subresource=status', '-f', '-', ...flags], { kubeconfig, input });
  };
  // The API server enforces a policy a moment after it is created.
  const isEnforced = async () => (await write({ ...done, completedAt: time }, '--dry-run=server')).code !== 0;
  await eventually('the enforcement of the policy', isEnforced);
  return { namespace, admin, worker, write };
}

it('a worker cannot set completedAt: not along with the completion, and not later', async () => {
  const { admin, write } = await newWorker();
  const says = /Forbidden.*status\.completedAt starts the TTL, so it can be set only by an account that can delete/s;
  for (const completedAt of ['1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z', time])
    expect(await write({ ...done, completedAt })).toMatchObject({ code: 1, stderr: expect.stringMatching(says) });
  expect(await write(done)).toMatchObject({ code: 0 });
  expect(await write({ ...done, completedAt: time })).toMatchObject({ code: 1, stderr: expect.stringMatching(says) });
  expect((await admin.get('batch')).status).toEqual(done);
});

it('the operator records the completion, and the worker counts on', async () => {
  const { namespace, admin, worker, write } = await newWorker();
  await startOperatorIn(namespace, await installOperator(access));
  const completed = async () => {
    const group = await admin.get('batch');
    return group.status?.completedAt !== undefined && group;
  };
  await worker.done('batch');
  const { status } = (await eventually('the completion', completed)) as WaitGroup;
  expect(await write({ ...status, completedAt: '1970-01-01T00:00:00Z' })).toMatchObject({ code: 1 });
  expect((await worker.add('batch', 2)).group.status).not.toHaveProperty('completedAt');
  await worker.done('batch', 2);
  await eventually('the next completion', completed);
  // Calls that are made at once are one write.
  await Promise.all([worker.add('batch', 1), worker.done('batch', 1)]);
  await eventually('the completion after that', completed);
});

it('an administrator restores a backup', async () => {
  const { namespace, admin } = await newWorker();
  const backup = { ...(await admin.get('batch')), status: { ...done, completedAt: time } };
  await admin.delete('batch');
  await create(namespace, { metadata: { name: 'batch' }, spec: backup.spec });
  const { resourceVersion: _, uid: __, ...metadata } = backup.metadata;
  const input = JSON.stringify({ ...backup, metadata });
  await kubectlOutput(access, ['replace', '--subresource=status', '-f', '-'], { input });
  expect((await api.get(namespace, 'batch')).status).toEqual(backup.status);
});
