import { describe, expect, it } from 'vitest';
import { type Answer, answerJson, startLoopback, transportTo } from '../loopback-server.ts';

const PUT = { method: 'PUT', path: '/wg', body: {} } as const;
const refusal = { kind: 'Status', message: 'RBAC: role "worker" not found' };

/** Refuses requests as `refuse` says until `readyz` says that it is ready, and then `after`. */
async function startStarting(readyz: Answer, refuse: Answer, after: Answer = refuse) {
  let asked = 0;
  const server = await startLoopback((response, request, turn) => {
    if (request.url === '/readyz') {
      asked++;
      readyz(response, request, turn);
    } else if (asked > 0) after(response, request, turn);
    else refuse(response, request, turn);
  });
  return { server, transport: transportTo(server.url), urls: () => server.requests.map(({ url }) => url) };
}

const ok: Answer = (response) => response.end('ok');
const accept: Answer = (response) => answerJson(response, { done: true });

describe('KubeTransport, when a request is refused', () => {
  it.each<[string, Answer]>([
    ['403', (response) => answerJson(response, refusal, 403)],
    ['401', (response) => answerJson(response, refusal, 401)],
    ['404 for the resource', (response) => response.writeHead(404).end('404 page not found')],
  ])('asks once more when the API server is ready by then: %s', async (_, refuse) => {
    const { transport } = await startStarting(ok, refuse, accept);
    expect(await transport.request(PUT)).toEqual({ done: true });
  });

  it('passes the refusal on when a ready API server repeats it', async () => {
    const { transport, urls } = await startStarting(ok, (response) => answerJson(response, refusal, 403));
    await expect(transport.request(PUT)).rejects.toMatchObject({ name: 'ForbiddenError' });
    expect(urls()).toEqual(['/wg', '/readyz', '/wg']);
  });

  it.each<[string, Answer]>([
    ['is still starting', (response) => response.writeHead(500).end('[-]informer-sync failed')],
    ['is away again', (response) => response.destroy()],
  ])('says that the API server is starting when it %s, and that nothing was done', async (_, readyz) => {
    const { transport, urls } = await startStarting(readyz, (response) => answerJson(response, refusal, 403));
    await expect(transport.request(PUT)).rejects.toMatchObject({
      name: 'UnavailableError',
      message: 'the API server is starting',
      mayHaveArrived: false,
    });
    expect(urls()).toEqual(['/wg', '/readyz']);
  });

  it('asks again when a server that knows no roles yet keeps its readiness to itself', async () => {
    const forbid: Answer = (response) => answerJson(response, refusal, 403);
    let probes = 0;
    const readyz: Answer = (...args) => (++probes === 1 ? forbid : ok)(...args);
    const { transport } = await startStarting(readyz, forbid, (...args) => (probes < 2 ? forbid : accept)(...args));
    expect(await transport.request(PUT)).toEqual({ done: true });
  });

  it('believes the refusal when it may not ask for readiness either', async () => {
    const forbid: Answer = (response) => answerJson(response, refusal, 403);
    const { transport } = await startStarting(forbid, forbid);
    await expect(transport.request(PUT)).rejects.toMatchObject({ name: 'ForbiddenError' });
  });

  it.each([409, 422, 410])('does not ask about readiness for a %i', async (code) => {
    const { transport, urls } = await startStarting(ok, (response) => answerJson(response, refusal, code));
    await expect(transport.request(PUT)).rejects.toMatchObject({ code });
    expect(urls()).toEqual(['/wg']);
  });
});
