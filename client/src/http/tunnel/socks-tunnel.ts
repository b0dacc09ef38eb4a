// Opens a tunnel through a SOCKS 5 proxy, such as `ssh -D`. The proxy resolves the name of the API server, as with kubectl.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { SocksClient } from 'socks';
import { hostOf } from '../../connect/connection.ts';
import { credentialsOf, proxyFailedError, proxyRejectedError } from './proxy-errors.ts';
import type { Tunnel } from './tunnel.ts';

/** The longest user and the longest password: https://www.rfc-editor.org/rfc/rfc1929. */
const MAX_BYTES = 255;
/** The library has no error codes, only these messages. */
const LOGIN_FAILED = /authentication/i;
const REJECTED = /rejected connection - (\w+)/;

export async function openSocksTunnel({ proxy, host, port, signal }: Tunnel): Promise<Socket> {
  const [userId = '', password = ''] = credentialsOf(proxy) ?? [];
  if ([userId, password].some((text) => Buffer.byteLength(text) > MAX_BYTES)) throw loginError(proxy);
  const address = { host: hostOf(proxy), port: Number(proxy.port) || 1080 };
  const socket = connect(address);
  // The library knows no signal; it fails when the socket is closed.
  const abort = () => socket.destroy();
  signal.addEventListener('abort', abort);
  try {
    await once(socket, 'connect', { signal });
    const options = { command: 'connect' as const, proxy: { ...address, type: 5 as const, userId, password } };
    await SocksClient.createConnection({ ...options, destination: { host, port }, existing_socket: socket });
    return socket;
  } catch (error) {
    socket.destroy();
    // Not passed on as the cause: the library's error contains the password.
    const { message } = error as Error;
    if (LOGIN_FAILED.test(message)) throw loginError(proxy);
    const [, reason] = REJECTED.exec(message) ?? [];
    if (!reason) throw proxyFailedError(proxy, signal.aborted ? signal.reason : new Error(message));
    const kind = reason === 'NotAllowed' ? 'denied' : 'temporary';
    throw proxyRejectedError(proxy, `did not connect to ${host}:${port} (${reason})`, kind);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function loginError(proxy: URL): Error {
  return proxyRejectedError(proxy, 'rejected the login', 'login');
}
