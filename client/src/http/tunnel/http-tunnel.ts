// A tunnel through a proxy by CONNECT: https://www.rfc-editor.org/rfc/rfc9110#name-connect.
import { type RequestOptions as HttpOptions, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { getCACertificates } from 'node:tls';
import { hostOf } from '../../connect/connection.ts';
import { credentialsOf, proxyFailure, proxyRefusal } from './proxy-errors.ts';
import type { Tunnel } from './tunnel.ts';

export function openHttpTunnel(tunnel: Tunnel): Promise<Socket> {
  const { proxy, signal } = tunnel;
  return new Promise((resolve, reject) => {
    const request = send(tunnel);
    request.once('connect', (answer: IncomingMessage, socket: Socket) => {
      if (answer.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(refusalOf(tunnel, answer));
    });
    // Whatever is no answer to CONNECT.
    request.once('response', (answer) => {
      answer.destroy();
      reject(refusalOf(tunnel, answer));
    });
    request.once('error', (error) => reject(proxyFailure(proxy, signal.aborted ? signal.reason : error)));
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
  // Else the name is taken from the header, which is the API server's.
  const servername = isIP(hostname) ? '' : hostname;
  const authorities = [...getCACertificates(), ...[ca ?? []].flat()];
  return httpsRequest({ ...options, servername, ca: authorities, allowPartialTrustChain: true });
}

function refusalOf({ proxy, host, port }: Tunnel, { statusCode = 0, statusMessage }: IncomingMessage): Error {
  const answer = `${statusCode} ${statusMessage ?? ''}`.trim();
  return proxyRefusal(proxy, `answers ${answer} when asked for ${host}:${port}`, {
    needsLogin: statusCode === 407,
    mayPass: statusCode >= 500 || statusCode === 429,
  });
}
