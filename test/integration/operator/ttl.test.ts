import { ConflictError, NotFoundError, sleep, WaitGroupClient, WaitGroupNotFoundError } from '@konductor/client';
import { parseDuration, type WaitGroup } from '@konductor/schema';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { AuditEvent } from '../../support/cluster/audit.ts';
import { installOperator, operatorRequests, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { api, create, replace, transport } from '../../support/cluster/raw-requests.ts';
import { type OperatorProcess, startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';
import { expectOnceWithin } from '../../support/waiting/once-within.ts';
import { withEnoughTime } from '../../support/waiting/with-enough-time.ts';

const controlPlane = inject('controlPlane');
let kubeconfig: string;
/** Most tests share one namespace and its operator. */
let namespace: string;
let operator: OperatorProcess;
let names = 0;

beforeAll(async () => {
  kubeconfig = await installOperator(controlPlane);
  namespace = await newNamespace();
  operator = await startOperator({ kubeconfig, args: [`--watch-namespace=${namespace}`] });
});
afterAll(() => operator.stop());

const clientOf = (namespace: string) => new WaitGroupClient(transport, { namespace });
const newNamespace = () => createNamespace(controlPlane, 'ttl');
const newName = () => `group-${++names}`;

/** A WaitGroup whose work is done. */
async function createDone(
  ttl: string,
  { namespace: itsNamespace = namespace, name = newName() } = {},
): Promise<string> {
  await create(itsNamespace, { metadata: { name }, spec: { ttl, initialCount: 1 } });
  await clientOf(itsNamespace).done(name, 1);
  return name;
}

const completed = (name: string, itsNamespace = namespace): Promise<WaitGroup> =>
  eventually(`the completion of ${name}`, async () => {
    const group = await api.get(itsNamespace, name);
    return group.status?.completedAt !== undefined && group;
  });

async function changeTtl(name: string, ttl: string | undefined, itsNamespace = namespace): Promise<void> {
  const change = async () => {
    const group = await api.get(itsNamespace, name);
    return replace(group, { spec: { ...group.spec, ttl } });
  };
  await eventually(`the new ttl of ${name}`, change);
}

const expiryOf = ({ status }: WaitGroup, ttlMs: number) => Date.parse(status?.completedAt ?? '') + ttlMs;

async function isDeleted(name: string, itsNamespace = namespace): Promise<boolean> {
  try {
    await api.get(itsNamespace, name);
    return false;
  } catch (error) {
    if (error instanceof NotFoundError) return true;
    throw error;
  }
}
const deletion = (name: string, itsNamespace = namespace) =>
  eventually(`the deletion of ${name}`, () => isDeleted(name, itsNamespace));

/** Milliseconds between the expiry of the TTL and the operator's DELETE, from the audit log. */
async function lateness(name: string, ttl: string, itsNamespace = namespace): Promise<number> {
  const deletion = await lastSuccess(itsNamespace, name, 'delete');
  const { status } = (await lastSuccess(itsNamespace, name, 'update')).responseObject as WaitGroup;
  const parsed = parseDuration(ttl);
  const ttlMs = parsed.ok ? Number(parsed.nanoseconds) / 1e6 : Number.NaN;
  return Date.parse(deletion.requestReceivedTimestamp) - Date.parse(status?.completedAt ?? '') - ttlMs;
}

function lastSuccess(namespace: string, name: string, verb: string): Promise<AuditEvent> {
  const isMeant = (one: AuditEvent) =>
    one.verb === verb && one.objectRef?.name === name && one.responseStatus?.code === 200;
  return eventually(`a successful ${verb} in the audit log`, async () =>
    (await operatorRequests(controlPlane, namespace)).findLast(isMeant),
  );
}

describe('a completed WaitGroup', () => {
  it.each(['0s', '300ms', '1s', '2.5s'])(
    'with ttl %s is deleted within a second after its TTL, not before',
    async (ttl) => {
      await expectOnceWithin(1_000, async () => {
        const name = await createDone(ttl);
        await deletion(name);
        const lateMs = await lateness(name, ttl);
        expect(lateMs).toBeGreaterThanOrEqual(0);
        return lateMs;
      });
    },
  );

  it('is deleted with Events that outlive it', async () => {
    const name = await createDone('0s');
    await deletion(name);
    const areCreated = async () => {
      const { items } = await transport.request<{ items: { reason: string; involvedObject: { name: string } }[] }>({
        method: 'GET',
        path: `/api/v1/namespaces/${namespace}/events`,
      });
      const reasons = items.filter(({ involvedObject }) => involvedObject.name === name).map(({ reason }) => reason);
      return String(reasons.sort()) === 'Completed,Expired';
    };
    expect(await eventually('the Events Completed and Expired', areCreated)).toBe(true);
  });

  it('is deleted in time although the operator restarts meanwhile', async () => {
    await expectOnceWithin(1_000, async () => {
      const own = await newNamespace();
      const first = await startOperatorIn(own, kubeconfig);
      const name = await createDone('5s', { namespace: own });
      await completed(name, own);
      expect(await first.stop()).toBe(0);
      // The restart has taken all that time.
      if (await isDeleted(name, own)) return Number.POSITIVE_INFINITY;
      await startOperatorIn(own, kubeconfig);
      await deletion(name, own);
      const lateMs = await lateness(name, '5s', own);
      expect(lateMs).toBeGreaterThanOrEqual(0);
      return lateMs;
    });
  });
});

describe('when its TTL expires, a WaitGroup', () => {
  it('is deleted by an operator that starts later', async () => {
    const own = await newNamespace();
    const first = await startOperatorIn(own, kubeconfig);
    const name = await createDone('1h', { namespace: own });
    const group = await completed(name, own);
    expect(await first.stop()).toBe(0);
    await changeTtl(name, '1s', own);
    await eventually('the expiry', () => Date.now() > expiryOf(group, 1_000));
    expect(await isDeleted(name, own)).toBe(false);
    await startOperatorIn(own, kubeconfig);
    await deletion(name, own);
  });

  it('is deleted although it is edited all the time', async () => {
    const name = await createDone('1h');
    await completed(name);
    let edits = 0;
    const edit = async () => {
      const group = await api.get(namespace, name);
      // The changed TTL has expired as soon as the operator sees it.
      const spec = edits < 5 ? group.spec : { ...group.spec, ttl: '500ms' };
      await replace(group, { metadata: { ...group.metadata, labels: { edit: `${++edits}` } }, spec });
    };
    const editUntilDeleted = async () => {
      for (;;) await edit().catch((error) => (error instanceof ConflictError ? undefined : Promise.reject(error)));
    };
    await expect(editUntilDeleted()).rejects.toBeInstanceOf(NotFoundError);
    expect(edits).toBeGreaterThan(5);
    expect(await lateness(name, '500ms')).toBeGreaterThanOrEqual(0);
  });

  it('is either added to or deleted, never both', async () => {
    const raced = await Promise.all(Array.from({ length: 60 }, () => createDone('1h')));
    await eventually('all completions', async () => (await listed(raced)).every(({ status }) => status?.completedAt));
    const outcomes = await Promise.all(
      (await listed(raced)).map(async (group, index) => {
        const { name } = group.metadata;
        const expiry = Date.now() + 1_000;
        await changeTtl(name, `${expiry - expiryOf(group, 0)}ms`);
        // From shortly before the expiry to shortly after it: an add takes a few milliseconds.
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
    // A deletion that raced with the add has finished by now.
    const kept = (await listed(raced)).map(({ metadata }) => metadata.name);
    const added = outcomes.filter(({ isAdded }) => isAdded).map(({ name }) => name);
    expect(kept.toSorted()).toEqual(added.toSorted());
  });

  async function listed(names: readonly string[]): Promise<WaitGroup[]> {
    return (await clientOf(namespace).list()).filter(({ metadata }) => names.includes(metadata.name));
  }
});

describe('is not deleted:', () => {
  /** Resolves when the operator has deleted a WaitGroup with this TTL that completed after all others. */
  const passTtl = async (ttl: string) => deletion(await createDone(ttl));
  const createUndone = async (initialCount: number) => {
    const name = newName();
    await create(namespace, { metadata: { name }, spec: { ttl: '0s', initialCount } });
    return name;
  };

  it.each<[string, () => Promise<string>]>([
    ['a WaitGroup with a ttl of 720h', () => createDone('720h')],
    ['a WaitGroup with the longest ttl', () => createDone('2562047h')],
    ['a WaitGroup that was never used', () => createUndone(0)],
    ['a WaitGroup with outstanding work', () => createUndone(1)],
  ])('%s', async (_name, prepare) => {
    const name = await prepare();
    await passTtl('0s');
    expect(await isDeleted(name)).toBe(false);
  });

  it.each<[string, (name: string) => Promise<unknown>]>([
    ['a WaitGroup that was added to before its TTL expired', (name) => clientOf(namespace).add(name, 1)],
    ['a WaitGroup whose ttl was removed before', (name) => changeTtl(name, undefined)],
    ['a WaitGroup whose ttl was extended before', (name) => changeTtl(name, '1h')],
  ])('%s', async (_name, change) => {
    await withEnoughTime(async ({ text: ttl }) => {
      const name = await createDone(ttl);
      await completed(name);
      await change(name);
      await passTtl(ttl);
      expect(await isDeleted(name)).toBe(false);
    });
  });

  it('a WaitGroup with a long ttl, until it is shortened', async () => {
    const name = await createDone('1h');
    await completed(name);
    await changeTtl(name, '500ms');
    await deletion(name);
    expect(await lateness(name, '500ms')).toBeGreaterThanOrEqual(0);
  });
});
