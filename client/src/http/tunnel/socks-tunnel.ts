// A tunnel through a SOCKS 5 proxy, such as `ssh -D`. The proxy resolves the name of the API server, as for kubectl.
import type { Socket } from 'node:net';
import { SocksClient } from 'socks';
import { hostOf } from '../../connect/connection.ts';
import { credentialsOf, proxyFailure, proxyRefusal } from './proxy-errors.ts';
import type { Tunnel } from './tunnel.ts';

/** Of a user and of a password: https://www.rfc-editor.org/rfc/rfc1929. */
const MAX_BYTES = 255;
/** In the words of the library, which has no codes. */
const NEEDS_LOGIN = /authentication/i;
const REFUSED = /rejected connection - (\w+)/;

/** Gives up after 30 s, the library's limit. */
export async function openSocksTunnel({ proxy, host, port }: Tunnel): Promise<Socket> {
  const [userId = '', password = ''] = credentialsOf(proxy) ?? [];
  if ([userId, password].some((text) => Buffer.byteLength(text) > MAX_BYTES)) throw refusedLogin(proxy);
  const login = { host: hostOf(proxy), port: Number(proxy.port) || 1080, type: 5 as const, userId, password };
  try {
    const { socket } = await SocksClient.createConnection({
      command: 'connect',
      proxy: login,
      destination: { host, port },
    });
    return socket;
  } catch (error) {
    throw failureOf({ proxy, host, port }, error);
  }
}

function failureOf({ proxy, host, port }: Pick<Tunnel, 'proxy' | 'host' | 'port'>, error: unknown): Error {
  // The library's error has the password in it.
  const { message } = error as Error;
  if (NEEDS_LOGIN.test(message)) return refusedLogin(proxy);
  const [, why] = REFUSED.exec(message) ?? [];
  if (!why) return proxyFailure(proxy, new Error(message));
  return proxyRefusal(proxy, `does not connect to ${host}:${port} (${why})`, { mayPass: why !== 'NotAllowed' });
}

function refusedLogin(proxy: URL): Error {
  return proxyRefusal(proxy, 'does not let in whoever asks', { needsLogin: true });
}
