import { describe, expect, it } from 'vitest';
import { startLoopback, transportTo } from '../loopback-server.ts';

const GET = { method: 'GET', path: '/version' } as const;

describe('KubeTransport.stream', () => {
  it('yields text before the response ends, without splitting characters', async () => {
    const [first, second] = [Buffer.from('{"a":"ö').subarray(0, -1), Buffer.from('{"a":"ö"}').subarray(7)];
    let proceed = () => {};
    const server = await startLoopback((response) => {
      response.write('one');
      proceed = () => {
        response.write(first);
        setImmediate(() => response.end(second));
      };
    });
    const chunks = await transportTo(server.url).stream(GET);
    const seen: string[] = [];
    for await (const chunk of chunks) {
      if (seen.push(chunk) === 1) proceed();
    }
    expect(seen[0]).toBe('one');
    expect(seen.slice(1).join('')).toBe('{"a":"ö"}');
  });

  it('has no deadline once the head has arrived', async () => {
    const server = await startLoopback((response) => {
      response.write('head');
      setTimeout(() => response.end('tail'), 1_500);
    });
    const chunks = await transportTo(server.url).stream({ ...GET, timeoutMs: 1_000 });
    const seen: string[] = [];
    for await (const chunk of chunks) seen.push(chunk);
    expect(seen).toEqual(['head', 'tail']);
  });

  it('reports that the connection was closed when the server stops during the response', async () => {
    const server = await startLoopback((response) => void response.write('one'));
    const read = async () => {
      for await (const _ of await transportTo(server.url).stream(GET)) await server.stop();
    };
    const message = 'the connection was closed before the response was complete';
    await expect(read()).rejects.toMatchObject({ name: 'UnavailableError', message });
  });

  it('closes the connection when the reader stops early', async () => {
    let isClosed = false;
    const server = await startLoopback((response) => {
      response.on('close', () => {
        isClosed = true;
      });
      response.write('one');
    });
    for await (const _ of await transportTo(server.url).stream(GET)) break;
    await expect.poll(() => isClosed).toBe(true);
  });
});
