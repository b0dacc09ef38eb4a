// docs/guides/failure.md: its commands print what the guide shows. The operator runs where a deadline has to pass.
import { expect, inject, it } from 'vitest';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { comparable, play, transcriptsOf } from '../../support/guides/transcripts.ts';
import { kubeconfigIn } from '../../support/processes/koncli-fixtures.ts';

const access = inject('controlPlane');

it('the guide for failure shows what is really printed', async () => {
  const namespace = await createGuideNamespace(access, 'jobs');
  const kubeconfig = await kubeconfigIn(access, namespace);
  for (const { title, blocks } of transcriptsOf('failure')) {
    if (title === 'Deadlines') await startOperatorIn(namespace, await installOperator(access));
    const script = blocks.join('');
    const shown = await play(script, access, kubeconfig);
    expect(comparable(shown, { [namespace]: 'jobs' })).toBe(comparable(script));
  }
});
