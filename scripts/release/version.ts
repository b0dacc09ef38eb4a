// The version that is released, and whether everything that states a version agrees with it.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { root } from '../root.ts';

export const readText = (path: string): string => readFileSync(join(root, path), 'utf8');
const readVersion = (path: string): string => JSON.parse(readText(path)).version;

export const VERSION = readVersion('package.json');

/** One line for each place that states another version. */
export function otherVersions(version: string): string[] {
  const chart: { version: string; appVersion: string } = parse(readText('cdk8s/charts/konductor/Chart.yaml'));
  const [, constructs] = /VERSION: string = '(.*)'/.exec(readText('cdk8s/src/version.ts')) ?? [];
  const found: [string, string | undefined][] = [
    ...globSync('*/package.json', { cwd: root }).map((path): [string, string] => [path, readVersion(path)]),
    ['cdk8s/src/version.ts', constructs],
    ['version in Chart.yaml', chart.version],
    ['appVersion in Chart.yaml', chart.appVersion],
    ...imageTags(),
  ];
  return found.flatMap(([place, other]) => (other === version ? [] : `${place} has ${other}, not ${version}`));
}

function imageTags(): [string, string | undefined][] {
  return globSync('cdk8s/manifests/**/*.yaml', { cwd: root })
    .sort()
    .flatMap((path) => tagsIn(readText(path)).map((tag): [string, string | undefined] => [path, tag]));
}

function tagsIn(manifest: string): (string | undefined)[] {
  return [...manifest.matchAll(/\/(?:koncli|operator):([\w.-]+)/g)].map(([, tag]) => tag);
}
