import { AlreadyExistsError, WaitGroupNotFoundError } from '@konductor/client';
import { describe, expect, inject, it } from 'vitest';
import { auditEvents } from '../../support/cluster/audit.ts';
import { newClient, openClient } from '../../support/cluster/client-access.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');

describe('WaitGroupClient on a real API server', () => {
  it('creates a group with all that was asked for, and finds it again', async () => {
    const { client, namespace } = await newClient(access);
    const wanted = {
      name: 'batch',
      spec: { ttl: '1h', initialCount: 3 },
      labels: { app: 'x' },
      annotations: { note: 'y' },
    };
    const created = await client.create(wanted);
    expect(created).toMatchObject({ metadata: { name: 'batch', namespace, labels: { app: 'x' } }, spec: wanted.spec });
    expect(await client.get('batch')).toEqual(created);
  });

  it('does not create a group that exists', async () => {
    const { client } = await newClient(access);
    await client.create({ name: 'batch' });
    await expect(client.create({ name: 'batch' })).rejects.toBeInstanceOf(AlreadyExistsError);
  });

  it('lists objects that are too long for one response together', async () => {
    let requests = 0;
    const { client } = await newClient(access, { onRequest: () => requests++ });
    const annotations = { note: 'x'.repeat(250_000) };
    const names = Array.from({ length: 20 }, (_, at) => `large-${at + 10}`);
    try {
      for (const name of names) await client.create({ name, annotations });
      requests = 0;
      expect((await client.list()).map(({ metadata }) => metadata.name)).toEqual(names);
      expect(requests).toBeGreaterThan(1);
    } finally {
      // Operators of other tests list them too.
      for (const name of names) await client.delete(name);
    }
  });

  it('lists by label, in its namespace or in all', async () => {
    const [one, two] = [await newClient(access), await newClient(access)];
    await one.client.create({ name: 'a', labels: { run: one.namespace } });
    await one.client.create({ name: 'b' });
    await two.client.create({ name: 'c', labels: { run: one.namespace } });
    const names = async (options: object) => (await one.client.list(options)).map(({ metadata }) => metadata.name);
    const labelSelector = `run=${one.namespace}`;
    expect(await names({})).toEqual(['a', 'b']);
    expect(await names({ labelSelector })).toEqual(['a']);
    expect((await names({ labelSelector, allNamespaces: true })).sort()).toEqual(['a', 'c']);
  });

  it('deletes a group, but not another one than was meant', async () => {
    const { client } = await newClient(access);
    await client.create({ name: 'batch' });
    await expect(client.delete('batch', { uid: 'another' })).rejects.toMatchObject({ name: 'ConflictError' });
    await client.delete('batch');
    await expect(client.get('batch')).rejects.toBeInstanceOf(WaitGroupNotFoundError);
  });

  it.each(['get', 'delete', 'add', 'done'] as const)('reports that a group is missing: %s', async (verb) => {
    const { client, namespace } = await newClient(access);
    await expect(client[verb]('nothing')).rejects.toMatchObject({
      name: 'WaitGroupNotFoundError',
      absence: 'missing',
      message: `waitgroup "nothing" not found in namespace "${namespace}"`,
    });
  });

  it('reports that the namespace is missing', async () => {
    const client = await openClient({ kubeconfig: access.kubeconfig, namespace: 'no-such-namespace' });
    await expect(client.create({ name: 'batch' })).rejects.toMatchObject({
      name: 'NotFoundError',
      message: 'namespaces "no-such-namespace" not found',
    });
  });

  it('passes on why the API server rejects an object', async () => {
    const { client } = await newClient(access);
    await expect(client.create({ name: 'batch', spec: { ttl: '1d' } })).rejects.toMatchObject({
      name: 'InvalidError',
      message: expect.stringContaining('must be a duration'),
    });
  });

  it('yields the changes of one group until its signal fires', async () => {
    const { client } = await newClient(access);
    await client.create({ name: 'other' });
    const controller = new AbortController();
    const seen: string[] = [];
    const steps = [() => client.create({ name: 'batch' }), () => client.add('batch'), () => client.delete('batch')];
    for await (const event of client.watch({ name: 'batch', signal: controller.signal })) {
      seen.push(
        event.type === 'LISTED' ? `LISTED ${event.items.length}` : `${event.type} ${event.object.metadata.name}`,
      );
      const step = steps.shift();
      if (step) await step();
      else controller.abort();
    }
    expect(seen).toEqual(['LISTED 0', 'ADDED batch', 'MODIFIED batch', 'DELETED batch']);
  });

  it('writes under its own name, and records the caller', async () => {
    const options = { by: 'pod-7', fieldManager: 'koncli', userAgent: 'koncli/9' };
    const { client, namespace } = await newClient(access, options);
    await client.create({ name: 'batch' });
    const { group: counted } = await client.add('batch', 2);
    expect(counted.status?.recentOperations).toMatchObject([{ delta: 2, by: 'pod-7' }]);
    const [write] = await eventually('the audit event of the write', async () => {
      const events = await auditEvents(access, { namespace, verb: 'update', subresource: 'status' });
      return events.length > 0 && events;
    });
    expect(write).toMatchObject({ userAgent: 'koncli/9' });
    expect(write?.requestURI).toMatch(/fieldManager=koncli&fieldValidation=Strict$/);
  });
});
