import { expect, inject, it } from 'vitest';
import { startOperator } from '../../support/processes/operator.ts';

it('an operator that ends before it is ready is not waited for', { timeout: 45_000 }, async () => {
  const { kubeconfig } = inject('controlPlane');
  await expect(startOperator({ kubeconfig, args: ['--no-such-flag'] })).rejects.toThrow(
    'the operator ended with 1 before it was ready',
  );
});
