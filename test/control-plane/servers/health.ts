// Asks a server of the control plane, over TLS and as its administrator, whether something is there yet.
import { request } from 'node:https';
import type { Certificates } from '../access/certificates.ts';

const TIMEOUT_MS = 5_000;

/** Whether the response from the URL has code 200; false if no server listens. */
export function isHealthy(url: string, { authority, admin }: Certificates): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { ca: authority, ...admin, agent: false as const, timeout: TIMEOUT_MS };
    const call = request(url, options, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on('timeout', () => call.destroy(new Error('timeout')));
    call.on('error', () => resolve(false));
    call.end();
  });
}
