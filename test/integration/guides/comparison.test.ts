// docs/guides/comparison.md: its commands print what the guide shows.
import { expect, inject, it } from 'vitest';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { comparable, play, transcriptsOf } from '../../support/guides/transcripts.ts';
import { kubeconfigIn } from '../../support/processes/koncli-fixtures.ts';

const access = inject('controlPlane');

it('the guide for comparison shows what is really printed', async () => {
  const namespace = await createGuideNamespace(access, 'jobs');
  const kubeconfig = await kubeconfigIn(access, namespace);
  const script = transcriptsOf('comparison').flatMap(({ blocks }) => blocks);
  const shown = await play(script.join(''), access, kubeconfig);
  expect(comparable(shown)).toBe(comparable(script.join('')));
});
