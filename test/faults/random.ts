// Random numbers that a seed repeats (mulberry32), the choice of faults by them, and how much of both a run gets.
import { inject } from 'vitest';
import type { Fault } from './fault-proxy.ts';
import type { ProxiedRequest } from './proxied-request.ts';
import type { Matcher } from './request-kinds.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Provided by the project in vitest.config.ts. */
    isLongRun: boolean;
  }
}

/** Which requests meet a fault, how often of 1, and which faults. */
export type FaultTable = readonly (readonly [Matcher, number, readonly Fault[]])[];

export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function pick<T>(random: () => number, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
}

export function chooseFault(random: () => number, table: FaultTable, request: ProxiedRequest): Fault | undefined {
  const [, probability = 0, faults = []] = table.find(([matches]) => matches(request)) ?? [];
  return random() < probability ? pick(random, faults) : undefined;
}

/** What proves the more the more it does: a part of it in `npm test`, and all of it in `npm run test:faults`. */
export const inLongRun = <T>(long: T, short: T): T => (inject('isLongRun') ? long : short);
