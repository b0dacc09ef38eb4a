// Connections to the API server that a proxy makes: what node:http and node:https are given in place of their own.
// What goes through is the same as without a proxy, TLS and its verification included.
import { once } from 'node:events';
import type { Agent as HttpAgent } from 'node:http';
import type { Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { malformed } from '../../connect/connection.ts';
import { openHttpTunnel } from './http-tunnel.ts';
import { openSocksTunnel } from './socks-tunnel.ts';

export type CreateConnection = HttpAgent['createConnection'];

/** A request that gives up earlier does not wait for it; a process of the SDK's does not outlive it. */
const LIMIT_MS = 30_000;

/** The connection is handed over when it can carry a request, and not before. */
export function tunnelThrough(proxy: URL, { isPlain }: { readonly isPlain: boolean }): CreateConnection {
  return (options, callback) => {
    openWithinLimit(proxy, options as ConnectionOptions, isPlain).then(
      (socket) => callback?.(null, socket),
      (error) => callback?.(error, undefined as never),
    );
    return undefined;
  };
}

async function openWithinLimit(proxy: URL, options: ConnectionOptions, isPlain: boolean): Promise<Socket> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error(`no answer within ${LIMIT_MS} ms`)), LIMIT_MS);
  try {
    const { host = '', port, ca } = options;
    const open = proxy.protocol.startsWith('socks') ? openSocksTunnel : openHttpTunnel;
    const socket = await open({ proxy, host, port: Number(port), ca, signal: limit.signal });
    return isPlain ? socket : await secure(socket, options, limit.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** By the name that is asked for, whoever made the connection. */
async function secure(socket: Socket, options: ConnectionOptions, signal: AbortSignal): Promise<Socket> {
  const secured = beginTls(socket, options);
  try {
    await once(secured, 'secureConnect', { signal });
    return secured;
  } catch (error) {
    secured.destroy();
    throw error;
  }
}

function beginTls(socket: Socket, options: ConnectionOptions): Socket {
  try {
    return connectTls({ ...options, socket });
  } catch (cause) {
    socket.destroy();
    throw malformed(cause);
  }
}
