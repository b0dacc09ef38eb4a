// What a step of the scenario is, and what it gets.
import type { Cluster } from './cluster.ts';
import type { Manifests } from './manifests.ts';

/** For `kubectl wait`: generous, since a busy machine may need it. */
export const WITHIN = '--timeout=180s';

export interface Scenario {
  readonly cluster: Cluster;
  readonly manifests: Manifests;
  readonly namespace: string;
}

export interface Step {
  /** Printed before the run begins, and with the result. */
  readonly title: string;
  readonly run: (scenario: Scenario) => Promise<void>;
}
