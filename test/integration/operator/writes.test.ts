// How many writes of the operator the life of a WaitGroup costs, from the audit log.
import { WaitGroupClient } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type AuditedWrite, operatorWrite, operatorWrites } from '../../support/cluster/audited-writes.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, create, transport } from '../../support/cluster/raw-requests.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { withEnoughTime } from '../../support/waiting/with-enough-time.ts';

const controlPlane = inject('controlPlane');
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
});

/** What happens to the WaitGroup, one step after the other; the operator has caught up after each. */
interface Life {
  readonly client: WaitGroupClient;
  /** Resolves when the WaitGroup has reached this state. */
  once(isReached: (group: WaitGroup) => unknown): Promise<unknown>;
}

const isStarted = ({ status }: WaitGroup) => status?.startedAt;
const isFailed = ({ status }: WaitGroup) => status?.failedAt;

async function workInTurn({ client }: Life): Promise<void> {
  await client.add('group', 3);
  for (let index = 0; index < 3; index++) await client.done('group');
}

async function workAfterStart(life: Life): Promise<void> {
  await life.client.add('group', 1);
  await life.once(isStarted);
  await life.client.done('group');
}

async function failAtWork({ client, once }: Life): Promise<void> {
  await client.add('group', 2);
  await client.fail('group', { message: 'no space left' });
  await once(isFailed);
  await client.done('group');
}

async function missDeadline({ client, once }: Life): Promise<void> {
  await client.add('group', 2);
  await once(isFailed);
  await client.done('group', 2);
}

/** The fields that show what a write was for. */
const FIELDS = ['startedAt', 'failedAt', 'completedAt'] as const;
const describeWrite = ({ verb, status }: AuditedWrite) =>
  verb === 'delete' ? verb : FIELDS.filter((field) => status?.[field] !== undefined).join(' ') || 'initial';

describe('the life of a WaitGroup costs', () => {
  it.each<[string, WaitGroup['spec'], (life: Life) => Promise<void>, readonly string[]]>([
    ['3 writes', {}, workInTurn, ['initial', 'completedAt']],
    ['4 writes when a client fails it', {}, failAtWork, ['initial', 'failedAt', 'failedAt completedAt']],
    ['4 writes with a deadline', { deadline: '1h' }, workAfterStart, ['initial', 'startedAt', 'startedAt completedAt']],
    [
      '3 writes with a deadline and an initial count',
      { deadline: '1h', initialCount: 1 },
      ({ client }) => client.done('group').then(() => {}),
      ['startedAt', 'startedAt completedAt'],
    ],
    [
      '5 writes with a deadline that passes',
      { deadline: '500ms' },
      missDeadline,
      ['initial', 'startedAt', 'startedAt failedAt', 'startedAt failedAt completedAt'],
    ],
  ])('%s', async (_what, spec, live, expected) => {
    // The TTL of a failed round must not expire before its work is done.
    await withEnoughTime(async ({ text: ttl }) => {
      const namespace = await createNamespace(controlPlane, 'writes');
      await startOperatorIn(namespace, kubeconfig);
      const once = (isReached: (group: WaitGroup) => unknown) =>
        eventually('the next state', async () => isReached(await api.get(namespace, 'group')));
      await create(namespace, { spec: { ttl, ...spec } });
      await once(({ status }) => status?.observedGeneration);
      await live({ client: new WaitGroupClient(transport, { namespace }), once });
      await operatorWrite({ namespace, name: 'group' }, 'the deletion', ({ verb }) => verb === 'delete');
      expect((await operatorWrites(namespace, 'group')).map(describeWrite)).toEqual([...expected, 'delete']);
    });
  });
});
