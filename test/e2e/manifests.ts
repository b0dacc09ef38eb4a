// The shipped manifests with the images of this run, and what an upgrade changes in them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KONCLI_IMAGE, OPERATOR_IMAGE, VERSION } from '@konductor/cdk8s';
import { root } from '../../scripts/root.ts';
import { addBroken, addFan, addProbe, addScheduled, addStages } from './labelled.ts';
import type { E2eOptions } from './options.ts';
import { addEnded, addIndexed, addLost, addMortal } from './worker-pods.ts';
import { addCopied, addDrained, addFailing, addKilled, addOperator, synthesize } from './workloads.ts';

export const EXAMPLES = ['batch-job', 'dynamic-workers', 'pipeline'] as const;
const EXAMPLE_IMAGE = 'docker.io/nginxinc/nginx-unprivileged:1.29.3-alpine-slim';
const GUIDE = join(root, 'docs/guides/injection.md');

export interface Manifests {
  readonly install: string;
  /** The install as of another version, whose pods replace the others, with what install.yaml leaves out. */
  readonly upgrade: string;
  readonly injection: string;
  readonly hold: string;
  readonly examples: Readonly<Record<(typeof EXAMPLES)[number], string>>;
  /** The group and the Job of the guide, whose commands stand for its kubectl lines. */
  readonly injected: string;
  /** The guide's Job in an image that holds nothing, if there is one. */
  readonly injectedIntoNothing: string | undefined;
  /** A group with its worker, which an init container brings koncli, and its waiter. */
  readonly copied: string;
  /** Two workers that wait for a group, in pods of a random user with nothing that they could write to. */
  readonly drained: string;
  /** Three workers of which one fails, and a waiter. */
  readonly failing: string;
  /** A worker that never ends, and a waiter. */
  readonly killed: string;
  /** Workers with an identity: see worker-pods.ts. */
  readonly ended: string;
  readonly lost: string;
  readonly indexed: string;
  readonly mortal: string;
  /** Workloads without koncli: see labelled.ts. */
  readonly fan: string;
  readonly stages: string;
  readonly broken: string;
  readonly scheduled: string;
  readonly probe: string;
}

export function readManifests(options: E2eOptions): Manifests {
  const { operatorImage, koncliImage, image, emptyImage } = options;
  const read = (path: string) =>
    readFileSync(join(root, 'cdk8s/manifests', path), 'utf8')
      .replaceAll(OPERATOR_IMAGE, operatorImage)
      .replaceAll(KONCLI_IMAGE, koncliImage)
      .replaceAll(EXAMPLE_IMAGE, image);
  // The image may run as root.
  const example = (name: string) =>
    read(`examples/${name}.yaml`).replaceAll(/^( *)runAsNonRoot: true$/gm, '$&\n$1runAsUser: 65532');
  return {
    install: read('install.yaml'),
    upgrade: synthesize((chart) => addOperator(chart, operatorImage)).replaceAll(
      `app.kubernetes.io/version: ${VERSION}`,
      `app.kubernetes.io/version: ${VERSION}-e2e`,
    ),
    injection: read('injection.yaml'),
    hold: read('hold.yaml'),
    examples: {
      'batch-job': example('batch-job'),
      'dynamic-workers': example('dynamic-workers'),
      pipeline: example('pipeline'),
    },
    injected: guideManifest().replace('image: busybox:1.37.0', `image: ${image}`),
    injectedIntoNothing: emptyImage && intoNothing(emptyImage),
    copied: synthesize((chart) => addCopied(chart, options)),
    drained: synthesize((chart) => addDrained(chart, options)),
    failing: synthesize((chart) => addFailing(chart, options)),
    killed: synthesize((chart) => addKilled(chart, options)),
    ended: synthesize((chart) => addEnded(chart, options)),
    lost: synthesize((chart) => addLost(chart, options)),
    indexed: synthesize((chart) => addIndexed(chart, options)),
    mortal: synthesize((chart) => addMortal(chart, options)),
    fan: synthesize((chart) => addFan(chart, options)),
    stages: synthesize((chart) => addStages(chart, options)),
    broken: synthesize((chart) => addBroken(chart, options)),
    scheduled: synthesize((chart) => addScheduled(chart, options)),
    probe: synthesize((chart) => addProbe(chart, options)),
  };
}

/** The Job alone, under another name: it waits for the group, which is done already. */
function intoNothing(image: string): string {
  const [, job = ''] = guideManifest().split('---\n');
  return job
    .replace('  name: nightly\n', '  name: nothing\n')
    .replace('image: busybox:1.37.0', `image: ${image}`)
    .replace(/command: .*/, 'command: [/konductor/koncli, waitgroup, wait, --timeout, 1m]');
}

function guideManifest(): string {
  const [, manifest] = /```yaml\n(.*?)```/s.exec(readFileSync(GUIDE, 'utf8')) ?? [];
  if (!manifest) throw new Error(`${GUIDE} has no manifest`);
  return manifest;
}
