// Whatever an account with `update` on the status writes, the API server bounds it, and a `set` repairs it.
import { InvalidError } from '@konductor/client';
import { reconcile } from '@konductor/operator';
import {
  applyOperation,
  currentStatus,
  deltaTo,
  failRound,
  foldWorkers,
  MAX_COUNTER,
  type NewFailure,
  type WaitGroup,
} from '@konductor/schema';
import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { inLongRun } from '../../faults/random.ts';
import { buildRecord } from '../../schema/workers.ts';
import { anyFailure, anyStatus } from '../../support/cluster/any-status.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, create, expectRefusal, replaceStatus } from '../../support/cluster/raw-requests.ts';
import { worstStatus } from '../../support/cluster/worst-status.ts';

const controlPlane = inject('controlPlane');
const STATUSES = inLongRun(100, 30);
const time = '2026-01-02T03:04:05Z';
const newGroup = async () =>
  create(await createNamespace(controlPlane, 'hostile'), { spec: { ttl: '1h', deadline: '1h' } });
/** Of workers that add, finish what they added, and fail with work of others. */
const recordsFor = ({ metadata: { uid: waitGroupUid = '' } }: WaitGroup) => [
  buildRecord({ waitGroupUid, worker: 'a', added: 1 }, 1),
  buildRecord({ waitGroupUid, worker: 'b', added: 1, done: 1, state: 'Done' }, 2),
  buildRecord({ waitGroupUid, worker: 'c', borrowed: 2, state: 'Failed' }, '9'.repeat(20)),
];
const condition = (type: string, status = 'True') => ({
  ...{ type, status, reason: 'Because', message: '', lastTransitionTime: time },
});

describe('the largest status', () => {
  it('is accepted, and has less than 28 KB', async () => {
    const status = worstStatus();
    await expect(replaceStatus(await newGroup(), status, { fieldValidation: 'Strict' })).resolves.toHaveProperty(
      'status',
      status,
    );
    expect(Buffer.byteLength(JSON.stringify(status)) / 1024).toBeLessThan(28);
  });

  it.each<[string, object, string]>([
    ['one more condition', { conditions: Array.from({ length: 9 }, (_, at) => condition(`T${at}`)) }, 'conditions'],
    ['a longer message', { conditions: [{ ...condition('T'), message: 'x'.repeat(257) }] }, 'conditions[0].message'],
    ['a longer reason', { conditions: [{ ...condition('T'), reason: 'x'.repeat(129) }] }, 'conditions[0].reason'],
    ['a reason that is not ASCII', { conditions: [{ ...condition('T'), reason: 'ä' }] }, 'conditions[0].reason'],
    ['a longer type', { conditions: [condition('T'.repeat(64))] }, 'conditions[0].type'],
    [
      'a longer time',
      { conditions: [{ ...condition('T'), lastTransitionTime: `2026-01-02T03:04:05.${'0'.repeat(10)}Z` }] },
      'conditions[0].lastTransitionTime',
    ],
    [
      'a longer client',
      { recentOperations: [{ id: 'a', delta: 1, by: 'x'.repeat(254), at: time }] },
      'recentOperations[0].by',
    ],
    [
      'a client that is not ASCII',
      { recentOperations: [{ id: 'a', delta: 1, by: 'ä', at: time }] },
      'recentOperations[0].by',
    ],
    [
      'a longer operation ID',
      { recentOperations: [{ id: 'x'.repeat(129), delta: 1, by: '', at: time }] },
      'recentOperations[0].id',
    ],
    [
      'a line break in an operation ID',
      { recentOperations: [{ id: 'a\nb', delta: 1, by: '', at: time }] },
      'recentOperations[0].id',
    ],
  ])('has no %s', async (_name, fields, field) => {
    const says = /Too long|Too many|should match|must have at most|may not be more/;
    await expectRefusal(replaceStatus(await newGroup(), { counter: 1, phase: 'Waiting', ...fields }), {
      ...{ field: `status.${field}`, says },
    });
  });
});

describe('after any status that the API server accepts', () => {
  const isAccepted = (group: WaitGroup, status = currentStatus(group)) =>
    api.updateStatus(group, status, { isDryRun: true }).then(currentStatus);
  const writes = (group: WaitGroup, deltas: readonly number[], failure?: NewFailure) => {
    const { status } = applyOperation(group, { id: 'repair', by: 'admin', deltas, failure }, new Date());
    return isAccepted(group, status);
  };

  it('set, add, done and fail, several at once, and what the operator writes are accepted', {
    timeout: 300_000,
  }, async () => {
    let accepted = 0;
    const check = async (status: object, target: number, failure: NewFailure) => {
      const group = await replaceStatus(await newGroup(), status).catch((error: unknown) => {
        if (error instanceof InvalidError) return undefined;
        throw error;
      });
      fc.pre(group !== undefined);
      accepted++;
      const { counter } = currentStatus(group);
      expect(await writes(group, [deltaTo(group, target)])).toMatchObject({ counter: target });
      if (counter < MAX_COUNTER) expect(await writes(group, [1])).toMatchObject({ counter: counter + 1 });
      await writes(group, [-counter, 1, -1, 3]);
      const decision = reconcile(group, { time: new Date() });
      if (decision.kind === 'write') await isAccepted(group, decision.status);
      for (const records of [[], recordsFor(group)]) {
        const fold = foldWorkers(group, { records, revision: '9'.repeat(20) }, new Date());
        if (fold.kind === 'folded') await isAccepted(group, fold.status);
      }
      if (counter === 0) return;
      expect(await writes(group, [-1])).toMatchObject({ counter: counter - 1 });
      for (const delta of [0, -1, -counter])
        expect(await writes(group, [delta], failure)).toMatchObject({ counter: counter + delta, outcome: 'Failed' });
      const now = new Date();
      const failed = failRound(currentStatus(group), failure, now);
      expect(await isAccepted(group, { ...failed, failedAt: now.toISOString() })).toHaveProperty('failedAt');
    };
    const target = fc.constantFrom(0, 1, MAX_COUNTER);
    await fc.assert(fc.asyncProperty(anyStatus, target, anyFailure, check), { numRuns: STATUSES, seed: 12 });
    expect(accepted).toBeGreaterThan(0.9 * STATUSES);
  });

  it('it is accepted as the restored status of a recreated WaitGroup', { timeout: 300_000 }, async () => {
    const check = async (status: object, initialCount: number) => {
      const namespace = await createNamespace(controlPlane, 'hostile');
      const named = (name: string) => create(namespace, { metadata: { name }, spec: { initialCount } });
      const initialized = async (group: WaitGroup) => api.updateStatus(group, currentStatus(group));
      const backup = await replaceStatus(await initialized(await named('group')), status).catch(() => undefined);
      fc.pre(backup !== undefined);
      const recreated = await named('recreated');
      await isAccepted(recreated, currentStatus(backup));
      expect(await isAccepted(await initialized(recreated), currentStatus(backup))).toEqual(backup.status);
    };
    await fc.assert(fc.asyncProperty(anyStatus, fc.constantFrom(0, 3), check), { numRuns: STATUSES / 2, seed: 12 });
  });
});
