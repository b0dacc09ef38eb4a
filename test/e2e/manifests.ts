// The shipped manifests with the images of this run, and what an upgrade changes in them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KONCLI_IMAGE, KonductorOperator, OPERATOR_IMAGE, VERSION, WaitGroup } from '@konductor/cdk8s';
import { ApiObject, App, Chart, JsonPatch, Yaml } from 'cdk8s';
import { Cpu, ImagePullPolicy, Job, ServiceAccount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { root } from '../../scripts/root.ts';
import type { E2eOptions } from './options.ts';

export const EXAMPLES = ['batch-job', 'dynamic-workers', 'pipeline'] as const;
const EXAMPLE_IMAGE = 'debian:12-slim';
/** Cdk8s-plus asks for a whole CPU and always pulls by default. */
const SMALL = { imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT, resources: { cpu: { request: Cpu.millis(10) } } };
const GUIDE = join(root, 'docs/guides/injection.md');

export interface Manifests {
  readonly install: string;
  /** The install as of another version, whose pods replace the others, with what install.yaml leaves out. */
  readonly upgrade: string;
  readonly injection: string;
  readonly examples: Readonly<Record<(typeof EXAMPLES)[number], string>>;
  /** The group and the Job of the guide, whose commands stand for its kubectl lines. */
  readonly injected: string;
  /** The guide's Job in an image that holds nothing, if there is one. */
  readonly injectedIntoNothing: string | undefined;
  /** A group with its worker, which an init container brings koncli, and its waiter. */
  readonly copied: string;
  /** Two workers that wait for a group, in pods of a random user with nothing that they could write to. */
  readonly drained: string;
}

export function readManifests(options: E2eOptions): Manifests {
  const { operatorImage, koncliImage, image, emptyImage } = options;
  const read = (path: string) =>
    readFileSync(join(root, 'cdk8s/manifests', path), 'utf8')
      .replaceAll(OPERATOR_IMAGE, operatorImage)
      .replaceAll(KONCLI_IMAGE, koncliImage)
      .replaceAll(EXAMPLE_IMAGE, image);
  return {
    install: read('install.yaml'),
    upgrade: synthesize((chart) => addOperator(chart, operatorImage)).replaceAll(
      `app.kubernetes.io/version: ${VERSION}`,
      `app.kubernetes.io/version: ${VERSION}-e2e`,
    ),
    injection: read('injection.yaml'),
    examples: {
      'batch-job': read('examples/batch-job.yaml'),
      'dynamic-workers': read('examples/dynamic-workers.yaml'),
      pipeline: read('examples/pipeline.yaml'),
    },
    injected: guideManifest().replace('image: busybox', `image: ${image}`),
    injectedIntoNothing: emptyImage && intoNothing(emptyImage),
    copied: synthesize((chart) => addCopied(chart, options)),
    drained: synthesize((chart) => addDrained(chart, options)),
  };
}

function synthesize(build: (chart: Chart) => void): string {
  const chart = new Chart(new App(), 'e2e');
  build(chart);
  return Yaml.stringify(...chart.toJson());
}

function addOperator(chart: Construct, image: string): void {
  new KonductorOperator(chart, 'Operator', {
    image,
    replicas: 2,
    networkPolicy: { apiServerPorts: [443, 6443] },
    disruptionBudget: true,
  });
}

function addCopied(chart: Construct, { image, koncliImage }: E2eOptions): void {
  const group = new WaitGroup(chart, 'Group', { metadata: { name: 'copied' } });
  group.addWorkers(smallJob(chart, 'copied-worker', image), { koncliImage, koncliDelivery: 'initContainer' });
  group.waitFor(smallJob(chart, 'copied-waiter', image), { koncliImage });
}

function addDrained(chart: Construct, { image, koncliImage }: E2eOptions): void {
  const account = new ServiceAccount(chart, 'Account', { metadata: { name: 'drained' } });
  const command = ['/konductor/koncli', 'waitgroup', 'wait', 'gate'];
  const security = { user: 1_000_690_000, group: 1_000_690_000, readOnlyRootFilesystem: true };
  const job = new Job(chart, 'Job', {
    metadata: { name: 'drained' },
    serviceAccount: account,
    automountServiceAccountToken: true,
    containers: [{ ...SMALL, image, command, securityContext: security }],
  });
  const size = ['completions', 'parallelism'].map((field) => JsonPatch.add(`/spec/${field}`, 2));
  ApiObject.of(job).addJsonPatch(...size);
  new WaitGroup(chart, 'Group', { metadata: { name: 'drained' }, initialCount: 2 }).addWorkers(job, { koncliImage });
  new WaitGroup(chart, 'Gate', { metadata: { name: 'gate' }, initialCount: 1 }).grantWaiter(account);
}

/** cdk8s-plus rejects an image whose user is root by default. */
function smallJob(chart: Construct, name: string, image: string): Job {
  const securityContext = { user: 65532, group: 65532 };
  return new Job(chart, name, {
    metadata: { name },
    containers: [{ ...SMALL, image, command: ['sh', '-c', 'echo works'], securityContext }],
  });
}

/** The Job alone, under another name: it waits for the group, which is done already. */
function intoNothing(image: string): string {
  const [, job = ''] = guideManifest().split('---\n');
  return job
    .replace('  name: nightly\n', '  name: nothing\n')
    .replace('image: busybox', `image: ${image}`)
    .replace(/command: .*/, 'command: [/konductor/koncli, waitgroup, wait, --timeout, 1m]');
}

function guideManifest(): string {
  const [, manifest] = /```yaml\n(.*?)```/s.exec(readFileSync(GUIDE, 'utf8')) ?? [];
  if (!manifest) throw new Error(`${GUIDE} has no manifest`);
  return manifest;
}
