// A release of a chart with one template, for tests of what Helm does with it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';
import { helm } from './helm.ts';

/** Installs it or upgrades it. */
export type Release = (verb: 'install' | 'upgrade', ...flags: string[]) => Promise<string>;

export function releaseOf({ kubeconfig }: ControlPlaneAccess, namespace: string, template: string): Release {
  const chart = mkdtempSync(join(tmpdir(), 'konductor-chart-'));
  onTestFinished(() => rmSync(chart, { recursive: true }));
  mkdirSync(join(chart, 'templates'));
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: nightly\nversion: 1.0.0\n');
  writeFileSync(join(chart, 'templates/template.yaml'), template);
  return (verb, ...flags) => helm([verb, 'nightly', chart, '-n', namespace, ...flags], { home: chart, kubeconfig });
}
