// Opens a tunnel through an HTTP proxy by CONNECT: https://www.rfc-editor.org/rfc/rfc9110#name-connect.
import { type RequestOptions as HttpOptions, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { getCACertificates } from 'node:tls';
import { hostOf } from '../../connect/connection.ts';
import { tlsOptions } from '../tls-options.ts';
import { credentialsOf, proxyFailedError, proxyRejectedError } from './proxy-errors.ts';
import type { Tunnel } from './tunnel.ts';

export function openHttpTunnel(tunnel: Tunnel): Promise<Socket> {
  const { proxy, signal } = tunnel;
  return new Promise((resolve, reject) => {
    const request = send(tunnel);
    // Emitted for every response, a rejection included.
    request.once('connect', (response: IncomingMessage, socket: Socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(rejectionOf(tunnel, response));
    });
    request.once('error', (error) => reject(proxyFailedError(proxy, signal.aborted ? signal.reason : error)));
    request.end();
  });
}

function send({ proxy, host, port, ca, signal }: Tunnel) {
  const target = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const credentials = credentialsOf(proxy);
  const authorization = credentials && `Basic ${Buffer.from(credentials.join(':')).toString('base64')}`;
  const hostname = hostOf(proxy);
  const options: HttpOptions = {
    method: 'CONNECT',
    hostname,
    port: proxy.port || (proxy.protocol === 'http:' ? 80 : 443),
    path: target,
    headers: { host: target, ...(authorization && { 'proxy-authorization': authorization }) },
    agent: false,
    signal,
  };
  if (proxy.protocol === 'http:') return httpRequest(options);
  // By default the name would be taken from the Host header, which is the API server's.
  const servername = isIP(hostname) ? '' : hostname;
  const authorities = [...getCACertificates(), ...[ca ?? []].flat()];
  return httpsRequest({ ...options, servername, ...tlsOptions({ ca: authorities, allowPartialTrustChain: true }) });
}

function rejectionOf({ proxy, host, port }: Tunnel, { statusCode = 0, statusMessage }: IncomingMessage): Error {
  const what = `responded ${`${statusCode} ${statusMessage ?? ''}`.trim()} to CONNECT ${host}:${port}`;
  if (statusCode === 407) return proxyRejectedError(proxy, what, 'login');
  return proxyRejectedError(proxy, what, statusCode >= 500 || statusCode === 429 ? 'temporary' : 'denied');
}
