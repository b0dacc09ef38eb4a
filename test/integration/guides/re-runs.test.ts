// docs/guides/re-runs.md: its CronJob runs twice, once with a retry, and its commands print what the guide shows.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KONCLI_IMAGE } from '@konductor/cdk8s';
import { beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';
import { makeKonductorFolder } from '../../../scripts/images/konductor-folder.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { codeBlocks } from '../../support/guides/code-blocks.ts';
import { comparable, play, transcriptsOf } from '../../support/guides/transcripts.ts';
import { needEmptyRoots } from '../../support/pods/empty-root.ts';
import { type PodTemplate, startPod } from '../../support/pods/pod-runner.ts';
import { koncliPath } from '../../support/processes/executables.ts';
import { kubeconfigIn } from '../../support/processes/koncli-fixtures.ts';
import { kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';

const access = inject('controlPlane');
let namespace: string;

beforeEach(async () => {
  namespace = await createNamespace(access, 'jobs');
});

const run = (...args: string[]) => kubectlOutput(access, [...args, '-n', namespace]);

it('the CronJob of the guide for re-runs counts each run in a group of its own, and a retry once', async ({ skip }) => {
  needEmptyRoots(skip);
  const folder = mkdtempSync(join(tmpdir(), 'konductor-re-runs-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const konductor = join(folder, 'konductor');
  makeKonductorFolder(koncliPath(), konductor);
  const images = { [KONCLI_IMAGE]: { konductor }, 'example.com/nightly': { commands: { work: 'exit 0' } } };

  const [manifest] = codeBlocks().filter(({ name }) => name === 'docs/guides/re-runs.md: apiVersion: batch/v1');
  await kubectlOutput(access, ['apply', '-n', namespace, '-f', '-'], { input: manifest?.code ?? '' });
  const startRun = async (job: string): Promise<PodTemplate> => {
    await run('create', 'job', job, '--from=cronjob/nightly');
    return (await kubectlJson<{ spec: { template: PodTemplate } }>(access, ['get', 'job', job, '-n', namespace])).spec
      .template;
  };
  const resultsOf = async (pod: PodTemplate) => {
    const { results } = await startPod(access, pod, { namespace, images });
    return [...(await results).values()].map(({ code, stderr }) => (code === 0 ? code : `${code}: ${stderr}`));
  };
  const first = await startRun('nightly-1');
  const second = await startRun('nightly-2');
  expect([await resultsOf(first), await resultsOf(second), await resultsOf(first)]).toEqual([[0], [0], [0]]);
  const columns = '{range .items[*]}{.metadata.name} {.spec.ttl} {.status.counter} {.status.added}{"\\n"}{end}';
  expect(await run('get', 'waitgroups', '-o', `jsonpath=${columns}`)).toBe('nightly-1 24h 0 3\nnightly-2 24h 0 3\n');
});

describe('the guide for re-runs shows what is really printed', () => {
  it('from its first block to its last', async () => {
    const kubeconfig = await kubeconfigIn(access, namespace);
    // In one shell, whose variables and groups go on.
    const script = transcriptsOf('re-runs')
      .flatMap(({ blocks }) => blocks)
      .join('');
    const shown = await play(script, access, kubeconfig);
    expect(comparable(shown, { [namespace]: 'jobs' })).toBe(comparable(script));
  });
});
