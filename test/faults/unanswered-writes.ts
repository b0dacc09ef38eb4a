// Faults of all kinds, most of which let a write land and keep its success from the client.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault-proxy.ts';
import { cutResponse, delay, endInBand, reject, resetBefore } from './faults.ts';
import type { ProxiedRequest, ProxiedResponse } from './proxied-request.ts';
import type { FaultTable } from './random.ts';
import { isRead, isWatch, isWrite } from './request-kinds.ts';

/** The number of writes that the API server accepted and whose responses were lost. */
export interface UnansweredWrites {
  count: number;
}

/** `kinds`: the requests that read and write what is counted; those of a group by default. */
export function hideSuccesses(
  random: () => number,
  unanswered: UnansweredWrites,
  kinds = { isRead, isWrite },
): FaultTable {
  const commitAnd =
    (then: (request: ProxiedRequest, response: ProxiedResponse) => unknown): Fault =>
    async (request) => {
      const response = await request.forward();
      if (response.code < 300) unanswered.count++;
      await then(request, response);
    };
  const lose = commitAnd((request) => request.reset());
  const truncate = commitAnd((request, { code, body = '' }) => request.respond({ code, body: firstHalf(body) }));
  const sendAgain = commitAnd(async (request) => request.respond(await request.forward()));
  const landLate: Fault = async (request) => {
    request.reset();
    await sleep(random() * 300);
    await commitAnd(() => {})(request);
  };
  // Not 429, which means that the request was not processed.
  const fail = [500, 503].map((code) => commitAnd((request) => reject(code)(request)));
  const slow: Fault = (request) => delay(random() * 100)(request);
  const beforeIt = [resetBefore, reject(429), reject(500), reject(503), slow];
  return [
    [kinds.isRead, 0.15, [...beforeIt, cutResponse]],
    [
      kinds.isWrite,
      0.6,
      [
        ...beforeIt,
        ...fail,
        lose,
        lose,
        lose,
        truncate,
        truncate,
        cutResponse,
        sendAgain,
        sendAgain,
        landLate,
        landLate,
      ],
    ],
    [isWatch, 0.3, [resetBefore, cutResponse, endInBand(410), endInBand(500), reject(503)]],
  ];
}

function firstHalf(body: Buffer | string): string {
  const text = String(body);
  return text.slice(0, text.length / 2);
}
