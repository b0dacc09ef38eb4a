// Connects to the API server through a proxy, in place of the createConnection of node:http and node:https. TLS and its
// verification are the same as without a proxy.
import { once } from 'node:events';
import type { Agent as HttpAgent } from 'node:http';
import type { Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { malformed } from '../../connect/connection.ts';
import { formatMs } from '../../core/deadline.ts';
import type { TunnelledOptions } from '../node-channel.ts';
import { keepCertificate } from '../untrusted-server.ts';
import { openHttpTunnel } from './http-tunnel.ts';
import { openSocksTunnel } from './socks-tunnel.ts';

export type CreateConnection = HttpAgent['createConnection'];

const TIMEOUT_MS = 30_000;

/** The callback receives the connection once it can carry a request, TLS included. */
export function tunnelThrough(proxy: URL, { isPlain }: { readonly isPlain: boolean }): CreateConnection {
  return (options, callback) => {
    openWithinLimit(proxy, options as TunnelledOptions & ConnectionOptions, isPlain).then(
      (socket) => callback?.(null, socket),
      (error) => callback?.(error, undefined as never),
    );
    return undefined;
  };
}

async function openWithinLimit(
  proxy: URL,
  options: TunnelledOptions & ConnectionOptions,
  isPlain: boolean,
): Promise<Socket> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new Error(`no response within ${formatMs(TIMEOUT_MS)}`)), TIMEOUT_MS);
  try {
    const { host = '', port, ca, tunnelSignal } = options;
    const signal = AbortSignal.any([limit.signal, tunnelSignal]);
    const open = proxy.protocol.startsWith('socks') ? openSocksTunnel : openHttpTunnel;
    const socket = await open({ proxy, host, port: Number(port), ca, signal });
    return isPlain ? socket : await secure(socket, options, signal);
  } finally {
    clearTimeout(timer);
  }
}

/** Verifies the certificate by the API server's name, not by the proxy's. */
async function secure(socket: Socket, options: ConnectionOptions, signal: AbortSignal): Promise<Socket> {
  const secured = beginTls(socket, options);
  keepCertificate(secured);
  try {
    await once(secured, 'secureConnect', { signal });
    return secured;
  } catch (error) {
    secured.destroy();
    throw signal.aborted ? signal.reason : error;
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
