// docs/guides/labels.md from its first block of code to its last, with the compiled operator by its own token, hold.yaml, and the
// controllers of Kubernetes. Only the kubelet is played.
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../../../scripts/root.ts';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import { installOperator, OPERATOR, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { areGranted } from '../../support/cluster/permissions.ts';
import { Guide } from '../../support/guides/guide.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { Reader } from '../../support/guides/reader.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const WAIT_GROUP_FAILED = 6;
const PATCHES = ['jobs', 'pods'].map((resource) => ({
  apiGroups: [resource === 'jobs' ? 'batch' : ''],
  resources: [resource],
  verbs: ['patch'],
}));

/** On a control plane with controllers. */
export function labelsGuide(access: () => ControlPlaneAccess): void {
  it('labels.md goes from three Jobs to the Job and the Deployment that wait for them', async () => {
    const namespace = await createGuideNamespace(access(), 'labels');
    const reader = new Reader(access(), namespace);
    symlinkSync(join(root, 'cdk8s'), join(reader.folder, 'cdk8s'));
    const guide = new Guide('labels', reader);
    const type = async (script: string) => (await reader.type(script)).stdout;
    const reaches = (command: string, output: string) =>
      eventually(`${output} of ${command}`, async () => (await type(command)) === output);
    const endPod = async (job: string, phase: string) => {
      const pod = await eventually(`the pod of ${job}`, () => type(`kubectl get pods -o name -l job-name=${job}`));
      await type(`kubectl patch ${pod.trim()} --subresource=status --type=merge -p '{"status":{"phase":"${phase}"}}'`);
    };
    const kubeconfig = await installOperator(access());
    await guide.type();
    await areGranted(access(), { user: OPERATOR, rules: PATCHES });
    await startOperatorIn(namespace, kubeconfig);

    guide.save('labels.yaml');
    await type('kubectl apply -f labels.yaml');
    await reaches("kubectl get waitgroup parts -o jsonpath='{.status.counter} {.status.added}'", '3 3');
    await eventually('the pod of web', () => type('kubectl get pods -o name -l app=web'));
    await guide.see();
    await guide.seeLines();

    for (const job of ['part-a', 'part-b', 'part-c']) await endPod(job, 'Succeeded');
    await eventually('the pod of report', () => type('kubectl get pods -o name -l job-name=report'));
    await reaches("kubectl get pods -l app=web -o jsonpath='{.items[*].spec.schedulingGates}'", '');
    const released = 'kubectl get events --field-selector reason=Released -o name | wc -l';
    await eventually('both Events', async () => (await type(released)).trim() === '2');
    await guide.see();

    guide.save('imports.yaml');
    await type('kubectl apply -f imports.yaml');
    await endPod('import-orders', 'Failed');
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
}
