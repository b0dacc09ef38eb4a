// Requests to a server of the control plane, over TLS and as its administrator.
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Certificates } from '../access/certificates.ts';

const TIMEOUT_MS = 5_000;

/** Whether the response from the URL has code 200; false if no server listens. */
export function isHealthy(url: string, certificates: Certificates): Promise<boolean> {
  return send(url, certificates).then(
    ({ code }) => code === 200,
    () => false,
  );
}

/** With a body the request is a POST. */
export function send(url: string, { authority, admin }: Certificates, body?: object) {
  return new Promise<{ readonly code: number | undefined; readonly body: string }>((resolve, reject) => {
    const method = body ? 'POST' : 'GET';
    const options = { method, ca: authority, ...admin, agent: false as const, timeout: TIMEOUT_MS };
    const call = request(url, options, (response) => {
      text(response).then((content) => resolve({ code: response.statusCode, body: content }), reject);
    });
    call.on('timeout', () => call.destroy(new Error('timeout')));
    call.on('error', reject);
    call.end(body && JSON.stringify(body));
  });
}
