// Workers with an identity through the proxy, counted by the compiled operator.
import { beforeAll, expect, inject, it } from 'vitest';
import { installOperator, startOperatorIn } from '../support/cluster/installed-operator.ts';
import { newFoldedGroup } from './folded-group.ts';
import type { ProxiedRequest } from './proxied-request.ts';
import { chooseFault, inLongRun, randomFrom } from './random.ts';
import { isRead, isRecordRead, isRecordWrite } from './request-kinds.ts';
import { hideSuccesses } from './unanswered-writes.ts';

const access = inject('controlPlane');
const SEED = 20_261_130;
const WORKERS = inLongRun(40, 12);
const UNITS = 3;

let kubeconfig: string;
beforeAll(async () => {
  kubeconfig = await installOperator(access);
});

it('counts an add whose time was up when the operator comes', async () => {
  const group = await newFoldedGroup(access);
  const { namespace } = group.direct;
  await expect(group.worker().add({ timeoutMs: 2_000 })).rejects.toMatchObject({ name: 'NotYetCountedError' });
  const adding = group.worker().add();
  await startOperatorIn(namespace, kubeconfig);
  expect(await adding).toMatchObject({ outcome: 'repeated', group: { status: { counter: 1, added: 1 } } });
  await group.worker().done();
  await expect(group.client.wait('batch')).resolves.toMatchObject({ status: { counter: 0, completions: 1 } });
});

it('counts each unit of many workers exactly once, whatever happens to their requests', async () => {
  const group = await newFoldedGroup(access, 1);
  await startOperatorIn(group.direct.namespace, kubeconfig);
  const random = randomFrom(SEED);
  const unanswered = { count: 0 };
  const kinds = {
    isRead: (request: ProxiedRequest) => isRead(request) || isRecordRead(request),
    isWrite: isRecordWrite,
  };
  const faults = hideSuccesses(random, unanswered, kinds);
  group.proxy.otherwise((request) => chooseFault(random, faults, request));
  const work = async (index: number) => {
    const worker = group.worker(`w${index}`);
    for (let unit = 0; unit < UNITS; unit++) {
      await worker.add();
      expect((await group.direct.get('batch')).status?.counter).toBeGreaterThan(1);
      await worker.done();
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, index) => work(index)));
  await group.direct.done('batch');
  const { status } = await group.direct.wait('batch');
  const added = WORKERS * UNITS;
  expect(status).toMatchObject({ counter: 0, added: added + 1, workers: { added, finished: added, borrowed: 0 } });
  expect(unanswered.count).toBeGreaterThan(WORKERS);
});
