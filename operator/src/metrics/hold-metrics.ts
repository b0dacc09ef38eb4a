// Metrics of Jobs and pods that are held until their WaitGroup is done.
import type { HeldObject } from '../hold/held-object.ts';
import type { MetricsRegistry } from './metrics-registry.ts';

type Kind = HeldObject['kind'];

/** Read when the metrics are scraped. */
export interface HoldState {
  /** The number of objects of a kind that are held. */
  count(kind: Kind): number;
}

const KINDS: readonly Kind[] = ['Job', 'Pod'];

export class HoldMetrics {
  readonly #released;

  constructor(registry: MetricsRegistry) {
    const help = 'Number of Jobs and pods that this operator has released';
    this.#released = registry.counter('konductor_released_objects_total', help, ['kind']);
    for (const kind of KINDS) this.#released.inc({ kind }, 0);
  }

  onReleased(kind: Kind): void {
    this.#released.inc({ kind });
  }
}

export function addHoldState(registry: MetricsRegistry, state: HoldState): void {
  const help = 'Number of Jobs and pods in the cache that are held until their WaitGroup is done';
  registry.gauge('konductor_held_objects', help, ['kind'], (gauge) => {
    for (const kind of KINDS) gauge.set({ kind }, state.count(kind));
  });
}
