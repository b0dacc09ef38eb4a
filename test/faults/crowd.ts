// A crowd of writers that keep changing the group `batch` while a test observes something else.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlPlaneAccess } from '../control-plane/index.ts';
import { openClient } from '../support/cluster/client-access.ts';

export interface Crowd {
  readonly namespace: string;
  readonly writers: number;
  /** The longest time that a writer pauses after each change. */
  readonly pauseMs: number;
}

/** They add one and take one, over and over, past the proxy; `stop` resolves with the number of their changes. */
export function startWriters(access: ControlPlaneAccess, { namespace, writers, pauseMs }: Crowd) {
  const controller = new AbortController();
  let changes = 0;
  const write = async () => {
    const client = await openClient({ kubeconfig: access.kubeconfig, namespace });
    const { signal } = controller;
    const pause = () => sleep(Math.random() * pauseMs, undefined, { signal }).catch(() => {});
    for (let delta = 1; !signal.aborted; delta = -delta) {
      await client.add('batch', delta);
      changes++;
      await pause();
    }
  };
  const writing = Array.from({ length: writers }, write);
  return {
    stop: async () => {
      controller.abort();
      await Promise.all(writing);
      return changes;
    },
  };
}
