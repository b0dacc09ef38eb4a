// The shipped chart, rendered by helm.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../cdk8s/synth.ts';
import { helm } from './helm.ts';

export const CHART = join(import.meta.dirname, '../../../cdk8s/charts/konductor');
/** Without it, a helm that is built from its module assumes Kubernetes 1.20. */
export const KUBERNETES = '--kube-version=1.36.3';

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'konductor-helm-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Renders a chart as the release `konductor`. */
export async function renderText(home: string, chart: string, ...flags: string[]): Promise<string> {
  return helm(['template', 'konductor', chart, KUBERNETES, ...flags], { home });
}

export function documents(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => document.toJS() ?? []);
}

/** helm sorts the objects. */
export function byName(manifests: Manifest[]): Manifest[] {
  const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`;
  return manifests.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
}
