import { ConflictError } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/waiting/eventually.ts';
import { refusal } from '../fake-api-server.ts';
import { object, startOperator } from './one-resource-operator.ts';

describe('a status write', () => {
  it('is guarded by the meta’s resourceVersion and names its field manager', async () => {
    const onWrite = () => ({ body: object('a', '1', '6') });
    await using started = await startOperator({ items: [object('a', '1', '5')], onWrite });
    const [event] = await eventually(() => started.events.length > 0 && started.events, { what: 'the first event' });
    if (!event) throw new Error('no event');
    await expect(started.operator.writeStatus(event.meta, { counter: 1 })).resolves.toMatchObject({
      resourceVersion: '6',
    });
    expect(started.server.requests.at(-1)).toMatchObject({
      method: 'PUT',
      path: '/apis/konductor.io/v1/namespaces/jobs/waitgroups/a/status',
      query: { fieldManager: 'test', fieldValidation: 'Strict' },
      body: { metadata: { resourceVersion: '5' }, status: { counter: 1 } },
    });
  });

  it('throws on a conflict, where the base resolves with nothing', async () => {
    const onWrite = () => refusal(409, 'Conflict');
    await using started = await startOperator({ items: [object('a', '1', '5')], onWrite });
    const [event] = await eventually(() => started.events.length > 0 && started.events, { what: 'the first event' });
    if (!event) throw new Error('no event');
    await expect(started.operator.writeStatus(event.meta, {})).rejects.toThrow(ConflictError);
  });
});
