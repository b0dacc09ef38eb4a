import { describe, expect, it } from 'vitest';
import { json, type Respond, startLoopback, transportTo } from '../loopback-server.ts';
import { destroy, send } from '../responses.ts';

const PUT = { method: 'PUT', path: '/wg', body: {} } as const;
const rejection = { kind: 'Status', message: 'RBAC: role "worker" not found' };

/** Rejects requests by `reject` until /readyz has been requested, then responds by `after`. */
async function startStarting(readyz: Respond, reject: Respond, after: Respond = reject) {
  let isAsked = false;
  const server = await startLoopback((...args) => {
    const isProbe = args[1].url === '/readyz';
    isAsked ||= isProbe;
    const respond = isAsked ? after : reject;
    (isProbe ? readyz : respond)(...args);
  });
  return { server, transport: transportTo(server.url), urls: () => server.requests.map(({ url }) => url) };
}

const ok = send(200, {}, 'ok');
const forbid = json(rejection, 403);
const accept = json({ done: true });

describe('KubeTransport, when a request is rejected', () => {
  it.each<[string, Respond]>([
    ['403', forbid],
    ['401', json(rejection, 401)],
    ['404 for the resource', send(404, {}, '404 page not found')],
  ])('sends the request again when the API server is ready by then: %s', async (_, reject) => {
    const { transport } = await startStarting(ok, reject, accept);
    expect(await transport.request(PUT)).toEqual({ done: true });
  });

  it('throws the rejection when a ready API server repeats it', async () => {
    const { transport, urls } = await startStarting(ok, forbid);
    await expect(transport.request(PUT)).rejects.toMatchObject({ name: 'ForbiddenError' });
    expect(urls()).toEqual(['/wg', '/readyz', '/wg']);
  });

  it.each<[string, Respond]>([
    ['is still starting', send(500, {}, '[-]informer-sync failed')],
    ['is unreachable again', destroy],
  ])('reports that the API server is starting when it %s, and that the request was not applied', async (_, readyz) => {
    const { transport, urls } = await startStarting(readyz, forbid);
    const starting = { name: 'UnavailableError', message: 'the API server is starting', mayHaveArrived: false };
    await expect(transport.request(PUT)).rejects.toMatchObject(starting);
    expect(urls()).toEqual(['/wg', '/readyz']);
  });

  it('probes again when a server that has no roles yet does not reveal its readiness', async () => {
    let probes = 0;
    const readyz: Respond = (...args) => (++probes === 1 ? forbid : ok)(...args);
    const { transport } = await startStarting(readyz, forbid, (...args) => (probes < 2 ? forbid : accept)(...args));
    expect(await transport.request(PUT)).toEqual({ done: true });
  });

  it('throws the rejection when it may not read the readiness either', async () => {
    const { transport } = await startStarting(forbid, forbid);
    await expect(transport.request(PUT)).rejects.toMatchObject({ name: 'ForbiddenError' });
  });

  it.each([409, 422, 410])('does not probe the readiness after a %i', async (code) => {
    const { transport, urls } = await startStarting(ok, json(rejection, code));
    await expect(transport.request(PUT)).rejects.toMatchObject({ code });
    expect(urls()).toEqual(['/wg']);
  });
});
