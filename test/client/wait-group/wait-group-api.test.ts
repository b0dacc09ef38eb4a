import { WaitGroupApi } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { respondJson, startLoopback, transportTo } from '../loopback-server.ts';

const base: WaitGroup = {
  apiVersion: 'konductor.io/v1',
  kind: 'WaitGroup',
  metadata: { name: 'batch', namespace: 'jobs', uid: 'u', resourceVersion: '7' },
  status: { counter: 1, phase: 'Waiting' },
};
const at = (resourceVersion: string) => ({ ...base, metadata: { ...base.metadata, resourceVersion } });
const event = (type: string, resourceVersion: string) => `${JSON.stringify({ type, object: at(resourceVersion) })}\n`;

/** An API whose watch sends these events and ends. */
async function apiThatWatches(...events: string[]) {
  const server = await startLoopback((response) => response.end(events.join('')));
  return { api: new WaitGroupApi(transportTo(server.url), 'test'), server };
}

describe('the first change after a base', () => {
  it('is the first event of a watch on that one object that is no bookmark', async () => {
    const { api, server } = await apiThatWatches(
      event('BOOKMARK', '8'),
      event('MODIFIED', '9'),
      event('MODIFIED', '10'),
    );
    expect(await api.firstChangeAfter(base)).toEqual(at('9'));
    const { pathname, searchParams } = new URL(server.requests[0]?.url ?? '', server.url);
    expect(pathname).toBe('/apis/konductor.io/v1/namespaces/jobs/waitgroups');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      resourceVersion: '7',
      fieldSelector: 'metadata.name=batch',
    });
  });

  it('is not known yet when the watch ends without one, and may be asked for again', async () => {
    const { api } = await apiThatWatches(event('BOOKMARK', '8'));
    await expect(api.firstChangeAfter(base)).rejects.toMatchObject({ name: 'UnavailableError' });
  });

  it('is no longer kept when the base is too old', async () => {
    const server = await startLoopback((response) => respondJson(response, { kind: 'Status', code: 410 }, 410));
    const api = new WaitGroupApi(transportTo(server.url), 'test');
    await expect(api.firstChangeAfter(base)).rejects.toMatchObject({ name: 'GoneError' });
  });
});

it('takes a success whose response is no WaitGroup for a lost response', async () => {
  const server = await startLoopback((response) => respondJson(response, {}));
  const api = new WaitGroupApi(transportTo(server.url), 'test');
  const writing = api.updateStatus(base, { counter: 0, phase: 'Done' });
  await expect(writing).rejects.toMatchObject({ name: 'UnavailableError', mayHaveArrived: true });
});
