// The shipped manifests with the images of this run, and what an upgrade changes in them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KONCLI_IMAGE, OPERATOR_IMAGE, VERSION } from '@konductor/cdk8s';
import { root } from '../../scripts/executables.ts';
import type { E2eOptions } from './options.ts';

export const EXAMPLES = ['batch-job', 'dynamic-workers', 'pipeline'] as const;
const EXAMPLE_IMAGE = 'debian:12-slim';
const GUIDE = join(root, 'docs/guides/injection.md');

export interface Manifests {
  readonly install: string;
  /** The same install as of another version: its pods are replaced. */
  readonly upgrade: string;
  readonly injection: string;
  readonly examples: Readonly<Record<(typeof EXAMPLES)[number], string>>;
  /** The group and the Job of the guide, whose commands stand for its kubectl lines. */
  readonly injected: string;
}

export function readManifests({ operatorImage, koncliImage, image }: E2eOptions): Manifests {
  const read = (path: string) =>
    readFileSync(join(root, 'cdk8s/manifests', path), 'utf8')
      .replaceAll(OPERATOR_IMAGE, operatorImage)
      .replaceAll(KONCLI_IMAGE, koncliImage)
      .replaceAll(EXAMPLE_IMAGE, image);
  const install = read('install.yaml');
  return {
    install,
    upgrade: install.replaceAll(`app.kubernetes.io/version: ${VERSION}`, `app.kubernetes.io/version: ${VERSION}-e2e`),
    injection: read('injection.yaml'),
    examples: {
      'batch-job': read('examples/batch-job.yaml'),
      'dynamic-workers': read('examples/dynamic-workers.yaml'),
      pipeline: read('examples/pipeline.yaml'),
    },
    injected: guideManifest().replace('image: busybox', `image: ${image}`),
  };
}

function guideManifest(): string {
  const [, manifest] = /```yaml\n(.*?)```/s.exec(readFileSync(GUIDE, 'utf8')) ?? [];
  if (!manifest) throw new Error(`${GUIDE} has no manifest`);
  return manifest;
}
