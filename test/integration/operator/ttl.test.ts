import { ConflictError, NotFoundError, sleep, WaitGroupClient, WaitGroupNotFoundError } from '@konductor/client';
import { parseDuration, type WaitGroup } from '@konductor/schema';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { AuditEvent } from '../../support/cluster/audit.ts';
import { installOperator, operatorRequests, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, create, replace, transport } from '../../support/cluster/raw-requests.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { expectOnceWithin } from '../../support/waiting/once-within.ts';

const controlPlane = inject('controlPlane');
let kubeconfig: string;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
});

const clientOf = (namespace: string) => new WaitGroupClient(transport, { namespace });
const newNamespace = () => createNamespace(controlPlane, 'ttl');

/** A group of this name that has been used and is done. */
async function createDone(namespace: string, name: string, ttl: string): Promise<void> {
  await create(namespace, { metadata: { name }, spec: { ttl } });
  await clientOf(namespace).add(name, 1);
  await clientOf(namespace).done(name, 1);
}

const completedGroup = (namespace: string, name: string): Promise<WaitGroup> =>
  eventually(
    async () => {
      const group = await api.get(namespace, name);
      return group.status?.completedAt !== undefined && group;
    },
    { what: `the completion of ${name}` },
  );

const changeTtl = (namespace: string, name: string, ttl: string) =>
  eventually(async () => replace(await api.get(namespace, name), { spec: { ttl } }), {
    what: `the new ttl of ${name}`,
  });

const expiryOf = ({ status }: WaitGroup, ttlMs: number) => Date.parse(status?.completedAt ?? '') + ttlMs;

async function isGone(namespace: string, name: string): Promise<boolean> {
  try {
    await api.get(namespace, name);
    return false;
  } catch (error) {
    if (error instanceof NotFoundError) return true;
    throw error;
  }
}
const collection = (namespace: string, name: string) =>
  eventually(() => isGone(namespace, name), { what: `the collection of ${name}` });

/** By the audit log: how long after the end of its ttl the operator's DELETE came in, in milliseconds. */
async function lateness(namespace: string, name: string, ttl: string): Promise<number> {
  const deletion = await lastSuccess(namespace, name, 'delete');
  const { status } = (await lastSuccess(namespace, name, 'update')).responseObject as WaitGroup;
  const parsed = parseDuration(ttl);
  const ttlMs = parsed.ok ? Number(parsed.nanoseconds) / 1e6 : Number.NaN;
  return Date.parse(deletion.requestReceivedTimestamp) - Date.parse(status?.completedAt ?? '') - ttlMs;
}

function lastSuccess(namespace: string, name: string, verb: string): Promise<AuditEvent> {
  const isMeant = (one: AuditEvent) =>
    one.verb === verb && one.objectRef?.name === name && one.responseStatus?.code === 200;
  return eventually(async () => (await operatorRequests(controlPlane, namespace)).findLast(isMeant), {
    what: `a successful ${verb} in the audit log`,
  });
}

describe('a completed group', () => {
  it.each(['0s', '300ms', '1s', '2.5s'])(
    'with ttl %s is never deleted before it expires, and within a second after',
    async (ttl) => {
      await expectOnceWithin(1_000, async () => {
        const namespace = await newNamespace();
        await startOperatorIn(namespace, kubeconfig);
        await createDone(namespace, 'group', ttl);
        await collection(namespace, 'group');
        const lateMs = await lateness(namespace, 'group', ttl);
        expect(lateMs).toBeGreaterThanOrEqual(0);
        return lateMs;
      });
    },
  );

  it('is deleted with an Event that outlives it', async () => {
    const namespace = await newNamespace();
    await startOperatorIn(namespace, kubeconfig);
    await createDone(namespace, 'group', '0s');
    await collection(namespace, 'group');
    const isTold = async () => {
      const requests = await operatorRequests(controlPlane, namespace);
      return (
        requests.filter(
          ({ objectRef, responseStatus }) => objectRef?.resource === 'events' && responseStatus?.code === 201,
        ).length >= 2
      );
    };
    expect(await eventually(isTold, { what: 'the Events Completed and Expired' })).toBe(true);
  });

  it('is deleted at its time when the operator is restarted meanwhile', async () => {
    await expectOnceWithin(1_000, async () => {
      const namespace = await newNamespace();
      const first = await startOperatorIn(namespace, kubeconfig);
      await createDone(namespace, 'group', '5s');
      await completedGroup(namespace, 'group');
      expect(await first.stop()).toBe(0);
      // Then a restart takes all that time.
      if (await isGone(namespace, 'group')) return Number.POSITIVE_INFINITY;
      await startOperatorIn(namespace, kubeconfig);
      await collection(namespace, 'group');
      const lateMs = await lateness(namespace, 'group', '5s');
      expect(lateMs).toBeGreaterThanOrEqual(0);
      return lateMs;
    });
  });
});

describe('at the end of its ttl a group', () => {
  it('is deleted when an operator that was down is back', async () => {
    const namespace = await newNamespace();
    const first = await startOperatorIn(namespace, kubeconfig);
    await createDone(namespace, 'group', '1h');
    const group = await completedGroup(namespace, 'group');
    expect(await first.stop()).toBe(0);
    await changeTtl(namespace, 'group', '1s');
    await eventually(() => Date.now() > expiryOf(group, 1_000), { what: 'the end of the ttl' });
    expect(await isGone(namespace, 'group')).toBe(false);
    await startOperatorIn(namespace, kubeconfig);
    await collection(namespace, 'group');
  });

  it('is deleted although it is edited all the time', async () => {
    const namespace = await newNamespace();
    await startOperatorIn(namespace, kubeconfig);
    await createDone(namespace, 'group', '1h');
    await completedGroup(namespace, 'group');
    let edits = 0;
    const edit = async () => {
      const group = await api.get(namespace, 'group');
      // It is over as soon as the operator hears of it.
      const spec = edits < 5 ? group.spec : { ttl: '500ms' };
      await replace(group, { metadata: { ...group.metadata, labels: { edit: `${++edits}` } }, spec });
    };
    const editUntilGone = async () => {
      for (;;) await edit().catch((error) => (error instanceof ConflictError ? undefined : Promise.reject(error)));
    };
    await expect(editUntilGone()).rejects.toBeInstanceOf(NotFoundError);
    expect(edits).toBeGreaterThan(5);
    expect(await lateness(namespace, 'group', '500ms')).toBeGreaterThanOrEqual(0);
  });

  it('is either added to or deleted, never both', async () => {
    const namespace = await newNamespace();
    await startOperatorIn(namespace, kubeconfig);
    const names = Array.from({ length: 60 }, (_, index) => `group-${index}`);
    const outcomes = await Promise.all(
      names.map(async (name, index) => {
        await createDone(namespace, name, '1h');
        const group = await completedGroup(namespace, name);
        const expiry = Date.now() + 2_000;
        await changeTtl(namespace, name, `${expiry - expiryOf(group, 0)}ms`);
        // From a little before the end of the ttl to a little after: an add takes its time.
        await sleep(expiry - Date.now() + index - 45);
        const isAdded = await clientOf(namespace)
          .add(name, 1)
          .then(
            () => true,
            (error) => (error instanceof WaitGroupNotFoundError ? false : Promise.reject(error)),
          );
        return { name, isAdded };
      }),
    );
    // What was deleted at that moment is deleted now.
    const kept = (await clientOf(namespace).list()).map(({ metadata }) => metadata.name);
    const added = outcomes.filter(({ isAdded }) => isAdded).map(({ name }) => name);
    expect(kept.toSorted()).toEqual(added.toSorted());
  });
});

/** Each is shown beside another group that is collected later than they would have been. */
describe('is not deleted', () => {
  /** Long enough for a busy machine to change something before it is over. */
  const TTL = '3s';
  /** When this resolves, a ttl of that length that began before is over. */
  const passTtl = async (namespace: string) => {
    await createDone(namespace, 'later', TTL);
    await collection(namespace, 'later');
  };

  it.each<[string, (namespace: string) => Promise<unknown>]>([
    ['a group with a ttl of 720h', (namespace) => createDone(namespace, 'group', '720h')],
    ['a group with the longest ttl', (namespace) => createDone(namespace, 'group', '2562047h')],
    ['a group that was never used', (namespace) => create(namespace, { spec: { ttl: '0s' } })],
    [
      'a group with work outstanding',
      async (namespace) => {
        await create(namespace, { spec: { ttl: '0s', initialCount: 2 } });
        await clientOf(namespace).done('group', 1);
      },
    ],
    [
      'a group that was added to again before its ttl was over',
      async (namespace) => {
        await createDone(namespace, 'group', TTL);
        await completedGroup(namespace, 'group');
        await clientOf(namespace).add('group', 1);
      },
    ],
    [
      'a group whose ttl was removed',
      async (namespace) => {
        await createDone(namespace, 'group', TTL);
        await completedGroup(namespace, 'group');
        await eventually(async () => replace(await api.get(namespace, 'group'), { spec: {} }), {
          what: 'the removal of the ttl',
        });
      },
    ],
    [
      'a group whose ttl was made longer',
      async (namespace) => {
        await createDone(namespace, 'group', TTL);
        await completedGroup(namespace, 'group');
        await changeTtl(namespace, 'group', '1h');
      },
    ],
  ])('%s', async (_name, prepare) => {
    const namespace = await newNamespace();
    await startOperatorIn(namespace, kubeconfig);
    await prepare(namespace);
    await passTtl(namespace);
    expect(await isGone(namespace, 'group')).toBe(false);
  });

  it('a group with a long ttl, until it is made short', async () => {
    const namespace = await newNamespace();
    await startOperatorIn(namespace, kubeconfig);
    await createDone(namespace, 'group', '1h');
    await completedGroup(namespace, 'group');
    await changeTtl(namespace, 'group', '500ms');
    await collection(namespace, 'group');
    expect(await lateness(namespace, 'group', '500ms')).toBeGreaterThanOrEqual(0);
  });
});
