// docs/guides/python.md: its programs, as a reader runs them with the wheel, and the manifest on the API server.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { compilePackage } from '../../scripts/jsii/jsii.ts';
import { codeBlocks } from '../support/guides/code-blocks.ts';
import { createGuideNamespace } from '../support/guides/guide-namespace.ts';
import { Reader } from '../support/guides/reader.ts';
import { kubectlOutput } from '../support/processes/kubectl.ts';
import { isThere, pythonWithConstructs } from './jsii-languages.ts';

const PATIENCE_MS = 600_000;
const ACTIVATE = '. .venv/bin/activate';
const access = inject('controlPlane');
const blocks = codeBlocks().filter(({ name }) => name.startsWith('docs/guides/python.md: '));
const hasPython = isThere('python3', '-c', 'import venv, ensurepip');

describe.skipIf(!hasPython)('the guide for Python', () => {
  let environment: string;
  let namespace: string;
  let reader: Reader;

  beforeAll(() => {
    environment = mkdtempSync(join(tmpdir(), 'konductor-python-guide-'));
    compilePackage();
    pythonWithConstructs(environment);
  }, PATIENCE_MS);
  afterAll(() => rmSync(environment, { recursive: true }));

  beforeEach(async () => {
    namespace = await createGuideNamespace(access, 'python');
    reader = new Reader(access, namespace);
    symlinkSync(environment, join(reader.folder, '.venv'));
    for (const { language, name, code } of blocks)
      if (language === 'python') writeFileSync(join(reader.folder, name.replace(/^.*# /, '')), code);
  });

  it('writes and applies the Jobs of its program', { timeout: PATIENCE_MS }, async () => {
    const commands = blocks.find(({ code }) => code.startsWith('python main.py'))?.code;
    expect(await reader.sh(`${ACTIVATE}\n${commands}`)).toMatchObject({ code: 0 });
    const get = ['get', 'waitgroup/nightly', 'job/work', 'job/report', '-n', namespace, '-o', 'name'];
    expect((await kubectlOutput(access, get)).trim().split('\n')).toHaveLength(3);
  });

  it('sets the labels of its second program', { timeout: PATIENCE_MS }, async () => {
    const { code, stdout } = await reader.sh(`${ACTIVATE}\npython labels.py\ncat dist/parts.k8s.yaml`);
    const [group, ...jobs] = parseAllDocuments(stdout).map((document) => document.toJS());
    const counted = { 'konductor.io/counts-for': 'parts' };
    const held = { 'konductor.io/after': 'parts' };
    expect([code, group.kind]).toEqual([0, 'WaitGroup']);
    expect(jobs.map(({ metadata }) => metadata.labels)).toMatchObject([counted, counted, held]);
  });

  it('shows the last line of the mistake in its third program', { timeout: PATIENCE_MS }, async () => {
    const { code, stderr } = await reader.sh(`${ACTIVATE}\npython mistake.py`);
    const shown = blocks.find(({ language }) => language === 'text')?.code;
    expect([code, stderr.trim().split('\n').at(-1)]).toEqual([1, shown?.trim()]);
  });
});
