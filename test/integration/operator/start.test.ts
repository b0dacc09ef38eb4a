import { expect, inject, it } from 'vitest';
import { startOperator } from '../../support/processes/operator.ts';

it('the start of an operator that exits before it is ready is rejected', { timeout: 45_000 }, async () => {
  const { kubeconfig } = inject('controlPlane');
  await expect(startOperator({ kubeconfig, args: ['--no-such-flag'] })).rejects.toThrow(
    'the operator ended with 1 before it was ready',
  );
});
