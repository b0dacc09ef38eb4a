// docs/guides/backup.md: its commands print what the guide shows, and restore the count of any WaitGroup.
import type { WaitGroup } from '@konductor/schema';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { comparable, play, transcriptsOf } from '../../support/guides/transcripts.ts';
import { kubeconfigIn } from '../../support/processes/koncli-fixtures.ts';
import { kubectlJson } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');
const [backUp = '', restore = ''] = transcriptsOf('backup').flatMap(({ blocks }) => blocks);
let namespace: string;
let kubeconfig: string;

beforeEach(async () => {
  namespace = await createGuideNamespace(access, 'jobs');
  kubeconfig = await kubeconfigIn(access, namespace);
});

const type = (...commands: string[]) => play(commands.map((command) => `$ ${command}\n`).join(''), access, kubeconfig);
const statusOf = async (name: string) =>
  (await kubectlJson<WaitGroup>(access, ['get', 'waitgroup', name, '-n', namespace])).status;

/** The block's commands for backup.yaml of this test. */
const commandsOf = (block: string, ...words: string[]) =>
  block
    .split('\n')
    .filter((line) => line.startsWith('$ ') && words.some((word) => line.includes(word)))
    .map((line) => line.slice(2));

const restoring = [
  ...commandsOf(backUp, 'kubectl get'),
  ...commandsOf(restore, 'kubectl delete', 'sed', 'kubectl create'),
  // The operator may write first.
  'until kubectl replace --subresource=status -f ~/restore.yaml; do :; done',
];

describe('the guide for backups', () => {
  it('shows what is really printed', async () => {
    const script = `${backUp}${restore}`;
    expect(comparable(await play(script, access, kubeconfig))).toBe(comparable(script));
  });

  it('restores what workers had outstanding, as work that any of them finishes', async () => {
    await startOperatorIn(namespace, await installOperator(access));
    const adds = ['part-1', 'part-2'].map((id) => `koncli waitgroup add nightly --worker ${id}`);
    await type('koncli waitgroup create nightly', ...adds, ...restoring);
    expect(await statusOf('nightly')).toMatchObject({ counter: 2, added: 2 });
    await type(...adds.map((command) => command.replace('add', 'done')));
    const { workers } = await eventually('the completion', async () => {
      const status = await statusOf('nightly');
      return status?.outcome === 'Succeeded' && status.workers?.done === 2 && status;
    });
    expect(workers).toMatchObject({ added: 0, borrowed: 2 });
  });

  it.each([
    ['was only added to', 'add --delta 5', 5],
    ['is in its second round', 'add && done && add --delta 2', 2],
    ['has succeeded', 'add --delta 2 && done --delta 2', 0],
    ['has failed, with work outstanding', 'add --delta 2 && fail --message "no space left"', 1],
    ['has failed and is done', 'add --delta 2 && fail --message "no space left" && done', 0],
    ['is in the round after a failed one', 'add && fail --message "no space left" && add --delta 2', 2],
  ])('restores the status of a WaitGroup that %s, with the operator running', async (_, changes, counter) => {
    await startOperatorIn(namespace, await installOperator(access));
    await type(
      'koncli waitgroup create nightly',
      changes.replaceAll(/(add|done|fail)/g, 'koncli waitgroup $1 nightly'),
    );
    const before = await eventually('the status', async () => {
      const status = await statusOf('nightly');
      const isFailureObserved = status?.outcome !== 'Failed' || status.failedAt !== undefined;
      return (counter > 0 || status?.completedAt !== undefined) && isFailureObserved && status;
    });
    await type(...restoring);
    const { observedGeneration: _generation, ...restored } = before;
    expect(await statusOf('nightly')).toMatchObject({ ...restored, counter });
  });
});
