// docs/guides/re-runs.md: its CronJob runs twice, once with a retry, and its commands print what the guide shows.
import { KONCLI_IMAGE } from '@konductor/cdk8s';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { codeBlocks } from '../../support/guides/code-blocks.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { comparable, play, transcriptsOf } from '../../support/guides/transcripts.ts';
import { useKonductorFolder } from '../../support/pods/konductor-image.ts';
import { codesOf, type PodTemplate, startPod } from '../../support/pods/pod-runner.ts';
import { kubeconfigIn } from '../../support/processes/koncli-fixtures.ts';
import { kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';

const access = inject('controlPlane');
let namespace: string;

beforeEach(async () => {
  namespace = await createGuideNamespace(access, 'jobs');
});

describe('the CronJob of the guide for re-runs', () => {
  const konductor = useKonductorFolder();

  it('counts each run in a group of its own, and a retry once', async () => {
    await startOperatorIn(namespace, await installOperator(access));
    const imagesWith = (sleep: string) => ({
      [KONCLI_IMAGE]: { konductor },
      'busybox:1.37.0': { commands: { sleep } },
    });
    const [manifest] = codeBlocks().filter(({ name }) => name === 'docs/guides/re-runs.md: apiVersion: batch/v1');
    await kubectlOutput(access, ['apply', '-n', namespace, '-f', '-'], { input: manifest?.code ?? '' });
    const startRun = async (job: string): Promise<PodTemplate> => {
      const create = ['create', 'job', job, '--from=cronjob/nightly', '-n', namespace];
      return (await kubectlJson<{ spec: { template: PodTemplate } }>(access, create)).spec.template;
    };
    const codes = async (pod: PodTemplate, sleep = 'exit 0') =>
      codesOf([await startPod(access, pod, { namespace, images: imagesWith(sleep) })]);
    const first = await startRun('nightly-1');
    const second = await startRun('nightly-2');
    // The first attempt of the second run marks two parts done, and fails at the third.
    const failing = 'if [ "$1" = 3 ]; then until koncli wg get "$RUN" | grep -q " 1 "; do :; done; exit 1; fi';
    const attempts = [await codes(first), await codes(second, failing), await codes(second), await codes(first)];
    expect(attempts.flat()).toEqual([
      'coordinator 0',
      expect.stringMatching(/^coordinator 143/),
      'coordinator 0',
      'coordinator 0',
    ]);
    const columns = '{range .items[*]}{.metadata.name} {.spec.ttl} {.status.counter} {.status.added}{"\\n"}{end}';
    const groups = await kubectlOutput(access, ['get', 'waitgroups', '-n', namespace, '-o', `jsonpath=${columns}`]);
    expect(groups).toBe('nightly-1 24h 0 3\nnightly-2 24h 0 3\n');
  });
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
