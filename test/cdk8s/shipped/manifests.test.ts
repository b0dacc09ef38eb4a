import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KONCLI_IMAGE, OPERATOR_IMAGE, VERSION } from '@konductor/cdk8s';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { synthesizeHelmChart } from '../../../cdk8s/src/shipped/helm/chart.ts';
import { synthesizeJsonSchemas } from '../../../cdk8s/src/shipped/json-schemas.ts';
import { synthesizeKustomizations } from '../../../cdk8s/src/shipped/kustomizations.ts';
import { synthesizeManifests } from '../../../cdk8s/src/shipped/manifests.ts';

const PACKAGE = join(import.meta.dirname, '../../../cdk8s');
const manifests = synthesizeManifests();
const kustomizations = synthesizeKustomizations(manifests);

describe.each([
  ['manifests', new Map([...manifests, ...kustomizations])],
  ['charts/konductor', synthesizeHelmChart()],
  ['schemas', synthesizeJsonSchemas()],
])('the committed %s', (folder, files) => {
  it('are exactly the files that npm run synth writes', () => {
    const cwd = join(PACKAGE, folder);
    const committed = globSync('**/*.*', { cwd }).filter((path) => statSync(join(cwd, path)).isFile());
    expect(committed.sort()).toEqual([...files.keys()].sort());
  });

  it.each([...files])('have %s as the constructs render it now', (path, content) => {
    expect(readFileSync(join(PACKAGE, folder, path), 'utf8')).toBe(content);
  });
});

describe('the synthesis', () => {
  it('renders the same bytes each time', () => {
    expect(synthesizeManifests()).toEqual(manifests);
    expect(synthesizeHelmChart()).toEqual(synthesizeHelmChart());
  });

  it('gives kustomize nothing that is not among the manifests', () => {
    for (const content of kustomizations.values()) expect(content).not.toBe('');
    expect(synthesizeKustomizations(manifests)).toEqual(kustomizations);
  });

  it.each([...manifests])('renders no object of %s with a status', (_, content) => {
    const objects = parseAllDocuments(content).map((document) => document.toJS());
    expect(objects).not.toHaveLength(0);
    for (const object of objects) expect(object).not.toHaveProperty('status');
  });

  it('names no image that a stranger could publish', () => {
    const texts = [...manifests.values(), synthesizeHelmChart().get('values.yaml') ?? ''];
    const names = texts.flatMap((text) => [
      ...text.matchAll(/\b(?:(?:image|reference|repository): "?(?!Object\.|variables\.)|expression: '")([\w./:-]+)/g),
    ]);
    const repositories = [KONCLI_IMAGE, OPERATOR_IMAGE].map((image) => image.replace(/:[^:]*$/, ''));
    const expected = [
      KONCLI_IMAGE,
      OPERATOR_IMAGE,
      ...repositories,
      'docker.io/nginxinc/nginx-unprivileged:1.29.3-alpine-slim',
    ];
    expect(new Set(names.map(([, name]) => name))).toEqual(new Set(expected));
    for (const image of [KONCLI_IMAGE, OPERATOR_IMAGE]) expect(image).toMatch(/^localhost\//);
  });

  it('has the version of the package', () => {
    expect(VERSION).toBe(JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')).version);
  });
});
