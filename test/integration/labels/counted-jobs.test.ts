// Jobs with the label konductor.io/counts-for, on a real API server: there is no Job controller, so the tests write what it would
// report.
import { beforeAll, expect, inject, it } from 'vitest';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { completeJob, createJob } from '../../support/cluster/pods.ts';
import { create } from '../../support/cluster/raw-requests.ts';
import { identityOf, statusOf, workersIn } from '../../support/cluster/worker-records.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
});

it('a Job is added when it is seen, and done when it completes', async () => {
  const namespace = await createNamespace(controlPlane, 'jobs');
  await startOperatorIn(namespace, kubeconfig);
  const group = identityOf(await create(namespace, {}));
  await createJob(controlPlane, { namespace, name: 'import', labels: { 'konductor.io/counts-for': 'group' } });
  await eventually('the add', async () => (await statusOf(group)).counter === 1);
  await completeJob(controlPlane, { namespace, name: 'import' });
  await eventually('the done', async () => (await statusOf(group)).counter === 0);
  expect(await workersIn(group)).toMatchObject([{ spec: { worker: 'import', state: 'Done', added: 1, done: 1 } }]);
});
