// What the first ten minutes depend on: manifests and commands of README, guides and examples name images that exist, keep the pods of
// a Job that failed, with their logs, and go where the reader's context points.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KONCLI_IMAGE } from '@konductor/cdk8s';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { root } from '../../scripts/root.ts';
import { codeBlocks } from '../support/guides/code-blocks.ts';

const EXAMPLE_IMAGE = 'docker.io/nginxinc/nginx-unprivileged:1.29.3-alpine-slim';
/** Public and of one version, or to be replaced by the reader. */
const IMAGES = [KONCLI_IMAGE, 'busybox:1.37.0', EXAMPLE_IMAGE, /^(registry\.)?example\.com\//];

const examples = globSync('cdk8s/manifests/examples/*.yaml', { cwd: root }).map((name) => ({
  name,
  language: 'yaml',
  code: readFileSync(join(root, name), 'utf8'),
}));
const blocks = [...codeBlocks(), ...examples];
const manifests = blocks.filter(({ language }) => language === 'yaml').map(({ name, code }) => ({ name, code }));

type Json = Readonly<Record<string, unknown>>;
const objectsOf = (code: string) => parseAllDocuments(code).flatMap((document) => everyObject(document.toJS()));

/** With all that is in it, templates that are texts included. */
function everyObject(value: unknown): Json[] {
  if (typeof value === 'string' && /^apiVersion: /.test(value)) return objectsOf(value);
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap(everyObject);
  return Array.isArray(value) ? inside : [value as Json, ...inside];
}

describe('the documented manifests and the examples', () => {
  it.each(manifests)('name images that exist: $name', ({ code }) => {
    const images = objectsOf(code).flatMap(({ image }) => (typeof image === 'string' ? [image] : []));
    const unknown = images.filter((image) => !IMAGES.some((known) => image === known || image.match(known)));
    expect(unknown).toEqual([]);
  });

  it.each(manifests.filter(({ code }) => code.includes('kind: Job')))(
    'keep the pods of a Job that failed: $name',
    ({ code }) => {
      const jobs = objectsOf(code).filter(({ kind }) => kind === 'Job');
      const policies = jobs
        .flatMap(({ spec }) => everyObject(spec))
        .flatMap(({ restartPolicy }) => restartPolicy ?? []);
      expect(policies.filter((policy) => policy !== 'Never')).toEqual([]);
      expect(code).not.toContain('ttlSecondsAfterFinished');
    },
  );
});

describe('the documented code', () => {
  it('names no namespace that the reader may not be in', () => {
    const fixed = blocks.filter(({ code }) =>
      /\bdefault:|(-n|--namespace)[ =]default\b|namespace: ["']?default\b/.test(code),
    );
    expect(fixed.map(({ name }) => name)).toEqual([]);
  });
});
