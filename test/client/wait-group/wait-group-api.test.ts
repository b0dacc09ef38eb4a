import { WaitGroupApi } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { json, type Respond, startLoopback, transportTo } from '../loopback-server.ts';

const base: WaitGroup = {
  apiVersion: 'konductor.io/v1',
  kind: 'WaitGroup',
  metadata: { name: 'batch', namespace: 'jobs', uid: 'u', resourceVersion: '7' },
  status: { counter: 1, phase: 'Waiting' },
};
const at = (resourceVersion: string) => ({ ...base, metadata: { ...base.metadata, resourceVersion } });
const event = (type: string, resourceVersion: string) => `${JSON.stringify({ type, object: at(resourceVersion) })}\n`;

async function apiOf(respond?: Respond) {
  const server = await startLoopback(respond);
  return { api: new WaitGroupApi(transportTo(server.url), 'test'), server };
}
const watchOf = (...events: string[]) => apiOf((response) => response.end(events.join('')));

describe('the first change after a base', () => {
  it('is the first event of a watch on that one object that is no bookmark', async () => {
    const { api, server } = await watchOf(event('BOOKMARK', '8'), event('MODIFIED', '9'), event('MODIFIED', '10'));
    expect(await api.firstChangeAfter(base)).toEqual(at('9'));
    const { pathname, searchParams } = new URL(server.requests[0]?.url ?? '', server.url);
    expect(pathname).toBe('/apis/konductor.io/v1/namespaces/jobs/waitgroups');
    const query = { resourceVersion: '7', fieldSelector: 'metadata.name=batch' };
    expect(Object.fromEntries(searchParams)).toMatchObject(query);
  });

  it('is not known yet when the watch ends without one, and may be asked for again', async () => {
    const { api } = await watchOf(event('BOOKMARK', '8'));
    await expect(api.firstChangeAfter(base)).rejects.toMatchObject({ name: 'UnavailableError' });
  });

  it('is no longer kept when the base is too old', async () => {
    const { api } = await apiOf(json({ kind: 'Status', code: 410 }, 410));
    await expect(api.firstChangeAfter(base)).rejects.toMatchObject({ name: 'GoneError' });
  });
});

it.each<[string, (api: WaitGroupApi) => Promise<WaitGroup>]>([
  ['a write', (api) => api.updateStatus(base, { counter: 0, phase: 'Done' })],
  ['a create', (api) => api.create('jobs', { name: 'batch' })],
])('takes a success of %s whose response is no WaitGroup for a lost response', async (_, send) => {
  const { api } = await apiOf();
  await expect(send(api)).rejects.toMatchObject({ name: 'UnavailableError', mayHaveArrived: true });
});
