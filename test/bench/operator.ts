// npm run bench -- operator: the memory of an operator that has one group and nothing to do.
import { startOperator } from '../support/operator.ts';
import { peakMegabytes } from './process-cost.ts';
import type { Bench } from './section.ts';

export async function benchOperator({ controlPlane: { kubeconfig } }: Bench): Promise<void> {
  const operator = await startOperator({ kubeconfig });
  console.log(`idle, ${peakMegabytes(operator.pid).toFixed(0)} MB peak`);
  await operator.stop();
}
