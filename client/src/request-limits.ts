// What ends a single request that nobody repeats.
import type { KubeRequest } from './transport.ts';

/** The limits of one request. */
export type RequestLimits = Pick<KubeRequest, 'signal' | 'timeoutMs'>;
