// The guides about workloads, followed from their first block of code to their last: their manifests are applied, their pods
// run on this machine as a kubelet would run them, and what is printed is what they show.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KONCLI_IMAGE } from '@konductor/cdk8s';
import { beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { inChart } from '../../support/guides/code-blocks.ts';
import { Guide } from '../../support/guides/guide.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { Reader } from '../../support/guides/reader.ts';
import type { ImageContent } from '../../support/pods/image-root.ts';
import { useKonductorFolder } from '../../support/pods/konductor-image.ts';
import { codesOf, type PodRun, type PodTemplate, startPod } from '../../support/pods/pod-runner.ts';
import { podTemplatesOf } from '../../support/pods/workload-pods.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');
const NOT_FOUND = 2;
const BUSYBOX = 'busybox:1.37.0';
const konductor = useKonductorFolder();

let namespace: string;
let reader: Reader;
let operatorKubeconfig: string;

beforeAll(async () => {
  operatorKubeconfig = await installOperator(access);
});

beforeEach(async () => {
  namespace = await createGuideNamespace(access, 'guides');
  reader = new Reader(access, namespace);
  await startOperatorIn(namespace, operatorKubeconfig);
});

/** What it prints; it must succeed. */
async function type(script: string): Promise<string> {
  const { code, stdout, stderr } = await reader.type(script);
  expect(code, stderr).toBe(0);
  return stdout;
}

type Images = Readonly<Record<string, ImageContent>>;

const startTemplate = (template: PodTemplate, images: Images) =>
  startPod(access, template, { namespace, images: { [KONCLI_IMAGE]: { konductor }, ...images } });

function start(manifest: string, images: Images): Promise<PodRun[]> {
  return Promise.all(podTemplatesOf(manifest).map((template) => startTemplate(template, images)));
}

/** Applies the guide's next manifest, and starts its pods. */
async function apply(guide: Guide, images: Images): Promise<PodRun[]> {
  const manifest = guide.save('manifest.yaml');
  await type('kubectl apply -f manifest.yaml');
  return start(manifest, images);
}

const statusOf = (group: string) =>
  type(`kubectl get waitgroup ${group} -o jsonpath='{.status.phase} {.status.counter} {.status.added}'`);

const reaches = (group: string, status: string) =>
  eventually(`${status} of ${group}`, async () => (await statusOf(group)) === status);

it('getting-started.md goes from nothing to a group that is done and deleted', async () => {
  const guide = new Guide('getting-started', reader);
  // Builds and loads images: images.test.ts and npm run test:e2e.
  expect(guide.next('sh')).toContain('npm run images');
  // The operator's Deployment needs a node: manifests.test.ts and npm run test:e2e. Here it runs without one.
  expect(guide.next('sh')).toContain('kubectl apply --server-side -f cdk8s/manifests/install.yaml');
  const manifest = guide.save('first.yaml');
  await guide.type();
  const pods = await start(manifest, { [BUSYBOX]: { commands: { sleep: 'exec /usr/bin/sleep 0.1' } } });
  await guide.see();
  expect(await codesOf(pods)).toEqual(['work 0', 'work 0', 'work 0']);
  await guide.see();
  // Pods of a Job on nodes: npm run test:e2e. Here the commands find none.
  await guide.type();
  await type(`kubectl patch waitgroup first --type=merge -p '{"spec":{"ttl":"1s"}}'`);
  await type('kubectl wait --for=delete waitgroup/first --timeout=30s');
  await guide.seeFail(NOT_FOUND);
  await guide.type();
  expect(guide.rest).toEqual([]);
});

it('batch-job.md goes to Done by a coordinator, and by a Job of which one pod fails first', async () => {
  const guide = new Guide('batch-job', reader);
  // One worker of the coordinator, and one shard, fail.
  const busybox = { [BUSYBOX]: { commands: { sleep: '[ "$1" != 2 ]', echo: 'echo reported "$@"' } } };
  expect(await codesOf(await apply(guide, busybox))).toEqual(['coord 0']);
  expect(await statusOf('batch-jobs')).toBe('Done 0 10');

  const shards = guide.save('shards.yaml');
  await type('kubectl apply -f shards.yaml');
  const pods = await start(shards, busybox);
  expect(await codesOf(pods)).toEqual(['work 0', 'work 0', expect.stringMatching(/^work 1: /), 'work 0']);
  // A done is stored first, and counted a moment later.
  await reaches('shards', 'Waiting 1 4');
  await guide.see();
  const failed = (await pods[2]?.results)?.get('work');
  guide.shows((failed?.stderr ?? '').replaceAll(namespace, 'jobs'));
  const workers = await type(`kubectl get wgw -o jsonpath='{range .items[*]}{.spec.worker} {.spec.state},{end}'`);
  expect(workers).toBe('shards-0 Done,shards-1 Done,shards-2 Active,shards-3 Done,');

  const reports = await apply(guide, busybox);
  expect(await statusOf('shards')).toBe('Waiting 1 4');
  // As the Job does after a failure.
  const mended = { [BUSYBOX]: { commands: { sleep: 'exec /usr/bin/sleep 0.1' } } };
  const again = await startTemplate(podTemplatesOf(shards)[2] as PodTemplate, mended);
  expect(await codesOf([again, ...reports])).toEqual(['work 0', 'wait 0,report 0']);
  expect(guide.rest).toEqual([]);
});

it('dynamic-workers.md counts those that come, and goes on without those that were killed', async () => {
  const guide = new Guide('dynamic-workers', reader);
  const manifest = guide.save('workers.yaml');
  await type('kubectl apply -f workers.yaml');
  await start(manifest, { [BUSYBOX]: { commands: { sleep: 'exec /usr/bin/sleep 0.1' } } });
  await guide.type();
  await reaches('workers', 'Done 0 15');
  await guide.see();
  await guide.see();

  const stuck = { [BUSYBOX]: { commands: { sleep: 'exec /usr/bin/sleep infinity' } } };
  const [template] = podTemplatesOf(manifest) as [PodTemplate];
  const pods = [await startTemplate(template, stuck), await startTemplate(template, stuck)];
  await eventually('their adds', async () => (await statusOf('workers')).startsWith('Waiting 2 '));
  for (const pod of pods) {
    pod.kill();
    await type(`kubectl delete pod ${pod.name} --force --grace-period=0`);
  }
  await guide.type();
  expect(guide.rest).toEqual([]);
});

it('pipeline.md goes through its stages, by YAML and by cdk8s', async () => {
  const guide = new Guide('pipeline', reader);
  const echo = '/konductor/koncli waitgroup wait extract --timeout 0';
  const busybox = { [BUSYBOX]: { commands: { sleep: 'exec /usr/bin/sleep 0.2', echo } } };
  const pods = await apply(guide, busybox);
  await guide.see();
  const waited = 'wait-for-extract 0,load 0';
  expect(await codesOf(pods)).toEqual(['extract 0', 'extract 0', 'extract 0', waited, waited]);

  await type('kubectl delete waitgroups,jobs --all');
  expect(await reader.node(guide.next('ts'))).toMatchObject({ code: 0 });
  await guide.type();
  const etl = readFileSync(join(reader.folder, 'dist/etl.k8s.yaml'), 'utf8');
  const stages = await start(etl, {
    [BUSYBOX]: { commands: { sleep: 'exec /usr/bin/sleep "0.$1"', ls: 'printf "1\\n2\\n3\\n4\\n"' } },
  });
  expect(await codesOf(stages)).toEqual([
    ...['coord 0', 'wait-for-extract 0,coord 0'],
    'wait-for-extract 0,wait-for-transform 0,coord 0',
  ]);
  expect([await statusOf('extract'), await statusOf('transform'), await statusOf('load')]).toEqual([
    'Done 0 3',
    'Done 0 4',
    'Done 0 1',
  ]);

  await type('kubectl delete waitgroups,jobs --all && kubectl apply -f dist/etl.k8s.yaml');
  const failing = await start(etl, {
    [BUSYBOX]: { commands: { sleep: '[ "$1" != 2 ] || exit 7; exec /usr/bin/sleep 600' } },
  });
  const failure = expect.stringMatching(/ 6: .*worker 2 exited with 7/s);
  expect(await codesOf(failing)).toEqual([failure, failure, failure]);
  expect(guide.rest).toEqual([]);
});

it('cdk8s.md goes from TypeScript to a group that is done', async () => {
  const guide = new Guide('cdk8s', reader);
  await startOperatorIn(namespace, operatorKubeconfig);
  expect(await reader.node(guide.next('ts'))).toMatchObject({ code: 0 });
  await type('kubectl apply --server-side --force-conflicts --dry-run=server -f dist/konductor.k8s.yaml');

  expect(await reader.node(guide.next('ts'))).toMatchObject({ code: 0 });
  const manifest = readFileSync(join(reader.folder, 'dist/nightly.k8s.yaml'), 'utf8');
  const app = { 'my-app:1': { commands: { 'do-work': 'sleep 0.1', report: 'true' } } };
  await guide.type();
  const pods = start(manifest, app);
  await guide.see();
  expect(await codesOf(await pods)).toEqual(['main 0', 'wait-for-nightly 0,main 0']);

  const fragments = Array.from({ length: 5 }, () => `{\n${guide.next('ts')}}\n`);
  expect(await reader.node(inChart(fragments.join('')))).toMatchObject({ code: 0 });
  const refused = await reader.node(guide.next('ts'));
  expect(refused.stderr).toContain(guide.next('text').trim());
  expect(guide.rest).toEqual([]);
});
