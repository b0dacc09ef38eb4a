// What is common to the parts of the operator that act beside its reconciler, on the leader only.
import type { KubeTransport } from '@konductor/client';
import type { Logger } from '../framework/logger.ts';
import type { CacheObserver } from '../framework/resource-caches.ts';

export interface LeaderPartOptions {
  readonly transport: KubeTransport;
  readonly logger: Logger;
  /** Absent: all namespaces. */
  readonly watchNamespace?: string | undefined;
  /** The reporting instance of Events. */
  readonly instance: string;
  /** While false, as on standby, nothing is changed; call begin() when it becomes true. */
  readonly isActive: () => boolean;
  readonly observer: CacheObserver;
}
