// The examples from `kubectl apply` to Done: the pods of their workloads, run on this machine as a kubelet would run them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KONCLI_IMAGE } from '@konductor/cdk8s';
import { beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import type { ImageContent } from '../../support/pods/image-root.ts';
import { useKonductorFolder } from '../../support/pods/konductor-image.ts';
import { codesOf, type PodRun, startPod } from '../../support/pods/pod-runner.ts';
import { podTemplatesOf } from '../../support/pods/workload-pods.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { DYNAMIC_WORKERS, PARALLEL_JOB_PROCESSING } from './api-page.ts';

const EXAMPLES = join(import.meta.dirname, '../../../cdk8s/manifests/examples');
const access = inject('controlPlane');
const konductor = useKonductorFolder();

let namespace: string;
let operatorKubeconfig: string;

// With its ClusterRoles.
beforeAll(async () => {
  operatorKubeconfig = await installOperator(access);
});

beforeEach(async () => {
  namespace = await createGuideNamespace(access, 'examples');
});

/** The user's image: koncli is in it, and the commands that the page leaves to the reader. */
const appImage: ImageContent = {
  konductor,
  // `{1..10}` is one word to dash and busybox.
  shell: '/bin/bash',
  commands: {
    koncli: 'exec /konductor/koncli "$@"',
    'start-worker': 'sleep 0.2; koncli waitgroup done batch-jobs',
    'do-work': 'sleep 0.2',
  },
};

const images: Readonly<Record<string, ImageContent>> = {
  [KONCLI_IMAGE]: { konductor },
  'my-app:latest': appImage,
  'worker:latest': appImage,
  // Its work is done fast.
  'docker.io/nginxinc/nginx-unprivileged:1.29.3-alpine-slim': { commands: { sleep: 'exec /usr/bin/sleep "0.0$1"' } },
};

/** Applies a manifest, and starts the pods that controllers would make of it. */
async function apply(manifest: string): Promise<PodRun[]> {
  await kubectlOutput(access, ['apply', '-n', namespace, '-f', '-'], { input: manifest });
  const started = podTemplatesOf(manifest).map((template) => startPod(access, template, { namespace, images }));
  return Promise.all(started);
}

const applyExample = (name: string) => apply(readFileSync(join(EXAMPLES, `${name}.yaml`), 'utf8'));

/** As the page looks at them. */
const statusOf = (group: string) =>
  kubectlOutput(access, [
    ...['get', 'waitgroup', group, '-n', namespace],
    ...['-o', 'jsonpath={.status.phase} {.status.counter} {.status.added}'],
  ]);

describe('the API page', () => {
  it('goes from kubectl apply to Done in parallel job processing', async () => {
    const pods = await apply(PARALLEL_JOB_PROCESSING);
    expect(await codesOf(pods)).toEqual(['coord 0']);
    expect(await statusOf('batch-jobs')).toBe('Done 0 10');
  });

  it('goes from kubectl apply to Done with dynamic workers', async () => {
    const pods = await apply(DYNAMIC_WORKERS);
    expect(await codesOf(pods)).toEqual(Array(5).fill('worker 0'));
    expect(await statusOf('workers')).toBe('Done 0 5');
  });
});

describe('the shipped examples', () => {
  it('are all run here, or without koncli in labels-run.test.ts', () => {
    expect(readdirSync(EXAMPLES).sort()).toEqual([
      'batch-job.yaml',
      'dynamic-workers.yaml',
      'labels.yaml',
      'pipeline.yaml',
    ]);
  });

  it('batch-job.yaml goes from kubectl apply to Done', async () => {
    expect(await codesOf(await applyExample('batch-job'))).toEqual(['coord 0']);
    expect(await statusOf('batch-jobs')).toBe('Done 0 10');
  });

  it('dynamic-workers.yaml goes from kubectl apply to Done, and its pods stay', async () => {
    // It counts the workers.
    await startOperatorIn(namespace, operatorKubeconfig);
    const pods = await applyExample('dynamic-workers');
    await eventually('the work', async () => (await statusOf('workers')) === 'Done 0 5');
    const ended = await Promise.race([...pods.map((pod) => pod.results), Promise.resolve('none')]);
    expect(ended).toBe('none');
  });

  it('pipeline.yaml goes from kubectl apply to Done, stage by stage', async () => {
    const codes = await codesOf(await applyExample('pipeline'));
    expect(codes.slice(0, 2)).toEqual(['coord 0', 'wait-for-pipeline-stage 0,coord 0']);
    expect(await statusOf('pipeline-stage')).toMatch(/^Done 0 [1-5]$/);
    expect(await statusOf('batch-process')).toBe('Done 0 3');
  });
});
