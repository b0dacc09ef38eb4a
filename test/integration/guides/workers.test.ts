// docs/guides/workers.md: its commands print what the guide shows.
import { expect, inject, it } from 'vitest';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { comparable, play, transcriptsOf } from '../../support/guides/transcripts.ts';
import { kubeconfigIn } from '../../support/processes/koncli-fixtures.ts';

const access = inject('controlPlane');

it('the guide for workers shows what is really printed', async () => {
  const namespace = await createGuideNamespace(access, 'jobs');
  const kubeconfig = await kubeconfigIn(access, namespace);
  await startOperatorIn(namespace, await installOperator(access));
  const script = transcriptsOf('workers').flatMap(({ blocks }) => blocks);
  const shown = await play(script.join(''), access, kubeconfig);
  expect(comparable(shown, { [namespace]: 'jobs' })).toBe(comparable(script.join('')));
});
