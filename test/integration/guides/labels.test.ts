// docs/guides/labels.md from its first block of code to its last, with the compiled operator. Controllers and kubelets are played.
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { administratorRequest } from '../../support/cluster/administrator.ts';
import { installOperator } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { completeJob, failJob } from '../../support/cluster/pods.ts';
import { Guide } from '../../support/guides/guide.ts';
import { Reader } from '../../support/guides/reader.ts';
import { permitRelease } from '../../support/pods/held-workloads.ts';
import { type OperatorProcess, startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');
const WAIT_GROUP_FAILED = 6;
const PARTS = ['part-a', 'part-b', 'part-c'];
/** Of the Deployment, as the guide shows it. */
const POD = 'web-6d5f7c9b8d-x2x4k';

let namespace: string;
let operator: OperatorProcess;

beforeAll(async () => {
  const kubeconfig = await installOperator(access);
  namespace = await createNamespace(access, 'labels');
  await permitRelease(access, namespace);
  operator = await startOperator({ kubeconfig, args: [`--watch-namespace=${namespace}`] });
});
afterAll(() => operator.stop());

it('labels.md goes from three Jobs to the Job and the Deployment that wait for them', async () => {
  const reader = new Reader(access, namespace);
  const guide = new Guide('labels', reader);
  const type = async (script: string) => (await reader.type(script)).stdout;
  const reaches = (command: string, output: string) =>
    eventually(`${output} of ${command}`, async () => (await type(command)) === output);
  // Its policies apply to the whole cluster: hold.test.ts.
  expect(guide.next('sh')).toContain('hold.yaml');

  const workloads = parseAllDocuments(guide.save('labels.yaml')).map((document) => document.toJS());
  await type('kubectl apply -f labels.yaml');
  const { template } = workloads.find(({ kind }) => kind === 'Deployment').spec;
  const pod = { ...template, metadata: { ...template.metadata, name: POD } };
  await administratorRequest(access, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, body: pod });
  await reaches("kubectl get waitgroup parts -o jsonpath='{.status.counter} {.status.added}'", '3 3');
  await guide.see();
  await guide.seeLines();

  for (const name of PARTS) await completeJob(access, { namespace, name });
  await reaches("kubectl get job report -o jsonpath='{.spec.suspend}'", 'false');
  await reaches(`kubectl get pod ${POD} -o jsonpath='{.spec.schedulingGates}'`, '');
  const released = 'kubectl get events --field-selector reason=Released -o name | wc -l';
  await eventually('both Events', async () => (await type(released)).trim() === '2');
  await guide.see();

  guide.save('imports.yaml');
  await type('kubectl apply -f imports.yaml');
  await failJob(access, { namespace, name: 'import-orders' });
  await reaches("kubectl get waitgroup imports -o jsonpath='{.status.outcome}'", 'Failed');
  await guide.seeFail(WAIT_GROUP_FAILED);

  // The WaitGroup is done already.
  guide.save('kueue.yaml');
  await type('kubectl apply -f kueue.yaml');
  const kueue =
    "kubectl get job train -o jsonpath='{.spec.suspend}{.metadata.annotations.kueue\\.x-k8s\\.io/admission-gated-by}'";
  await reaches(kueue, 'true');
  expect(guide.rest).toEqual([]);
});
