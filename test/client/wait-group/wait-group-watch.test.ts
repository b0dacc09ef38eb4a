import { WaitGroupClient } from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { respondJson, startLoopback, transportTo } from '../loopback-server.ts';

const metadata = { name: 'batch', namespace: 'default', uid: 'u', resourceVersion: '1' };
const group = (status: object) => ({ apiVersion: 'konductor.io/v1', kind: 'WaitGroup', metadata, status });

describe('waiting on what is no WaitGroup', () => {
  it.each([
    ['in a list', [{ counter: 'many', phase: 'Waiting' }], []],
    ['in an event', [{ counter: 1, phase: 'Waiting' }], [{ counter: 1, phase: 'Resting' }]],
  ])('ends with the field that is wrong, %s', async (_, listed, changed) => {
    const server = await startLoopback((response, { url }) => {
      if (!url?.includes('watch='))
        respondJson(response, { metadata: { resourceVersion: '1' }, items: listed.map(group) });
      else
        for (const status of changed)
          response.write(`${JSON.stringify({ type: 'MODIFIED', object: group(status) })}\n`);
    });
    const waiting = new WaitGroupClient(transportTo(server.url)).wait('batch', { timeoutMs: 5_000 });
    await expect(waiting).rejects.toMatchObject({
      name: 'InvalidWaitGroupError',
      message: expect.stringContaining('status.'),
    });
  });
});
