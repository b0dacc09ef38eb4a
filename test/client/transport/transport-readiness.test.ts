import { describe, expect, it } from 'vitest';
import { type Respond, respondJson, startLoopback, transportTo } from '../loopback-server.ts';

const PUT = { method: 'PUT', path: '/wg', body: {} } as const;
const rejection = { kind: 'Status', message: 'RBAC: role "worker" not found' };

/** Rejects requests by `reject` until /readyz has been requested, then responds by `after`. */
async function startStarting(readyz: Respond, reject: Respond, after: Respond = reject) {
  let asked = 0;
  const server = await startLoopback((response, request, turn) => {
    if (request.url === '/readyz') {
      asked++;
      readyz(response, request, turn);
    } else if (asked > 0) after(response, request, turn);
    else reject(response, request, turn);
  });
  return { server, transport: transportTo(server.url), urls: () => server.requests.map(({ url }) => url) };
}

const ok: Respond = (response) => response.end('ok');
const accept: Respond = (response) => respondJson(response, { done: true });

describe('KubeTransport, when a request is rejected', () => {
  it.each<[string, Respond]>([
    ['403', (response) => respondJson(response, rejection, 403)],
    ['401', (response) => respondJson(response, rejection, 401)],
    ['404 for the resource', (response) => response.writeHead(404).end('404 page not found')],
  ])('sends the request again when the API server is ready by then: %s', async (_, reject) => {
    const { transport } = await startStarting(ok, reject, accept);
    expect(await transport.request(PUT)).toEqual({ done: true });
  });

  it('throws the rejection when a ready API server repeats it', async () => {
    const { transport, urls } = await startStarting(ok, (response) => respondJson(response, rejection, 403));
    await expect(transport.request(PUT)).rejects.toMatchObject({ name: 'ForbiddenError' });
    expect(urls()).toEqual(['/wg', '/readyz', '/wg']);
  });

  it.each<[string, Respond]>([
    ['is still starting', (response) => response.writeHead(500).end('[-]informer-sync failed')],
    ['is unreachable again', (response) => response.destroy()],
  ])('reports that the API server is starting when it %s, and that the request was not applied', async (_, readyz) => {
    const { transport, urls } = await startStarting(readyz, (response) => respondJson(response, rejection, 403));
    await expect(transport.request(PUT)).rejects.toMatchObject({
      name: 'UnavailableError',
      message: 'the API server is starting',
      mayHaveArrived: false,
    });
    expect(urls()).toEqual(['/wg', '/readyz']);
  });

  it('probes again when a server that has no roles yet does not reveal its readiness', async () => {
    const forbid: Respond = (response) => respondJson(response, rejection, 403);
    let probes = 0;
    const readyz: Respond = (...args) => (++probes === 1 ? forbid : ok)(...args);
    const { transport } = await startStarting(readyz, forbid, (...args) => (probes < 2 ? forbid : accept)(...args));
    expect(await transport.request(PUT)).toEqual({ done: true });
  });

  it('throws the rejection when it may not read the readiness either', async () => {
    const forbid: Respond = (response) => respondJson(response, rejection, 403);
    const { transport } = await startStarting(forbid, forbid);
    await expect(transport.request(PUT)).rejects.toMatchObject({ name: 'ForbiddenError' });
  });

  it.each([409, 422, 410])('does not probe the readiness after a %i', async (code) => {
    const { transport, urls } = await startStarting(ok, (response) => respondJson(response, rejection, code));
    await expect(transport.request(PUT)).rejects.toMatchObject({ code });
    expect(urls()).toEqual(['/wg']);
  });
});
