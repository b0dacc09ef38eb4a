// Reads the operator's clock from its Lease: with each renewal, the operator writes its own time, and the API server the time of
// the write, into managedFields.
import { resourcePath } from '@konductor/client';
import type { CheckContext } from './check.ts';
import { findDeployment, NAME, NAMESPACE } from './operator-deployment.ts';

interface Lease {
  readonly metadata: { readonly managedFields?: readonly ManagedFields[] };
  readonly spec?: { readonly renewTime?: string | null };
}

interface ManagedFields {
  /** In whole seconds. */
  readonly time?: string;
  readonly fieldsV1?: { readonly 'f:spec'?: { readonly 'f:renewTime'?: object } };
}

const RESOLUTION_MS = 1_000;

/** By how much the operator's clock is ahead; undefined without a Lease that the user can read. */
export async function operatorAheadMs(context: CheckContext): Promise<number | undefined> {
  const deployment = await findDeployment(context).catch(() => undefined);
  const namespace = typeof deployment === 'object' ? deployment.metadata.namespace : NAMESPACE;
  const lease = { apiVersion: 'coordination.k8s.io/v1', resource: 'leases', namespace, name: NAME };
  const request = { method: 'GET', path: resourcePath(lease), ...context.limits } as const;
  // An operator without leader election has none, and few users can read it.
  return context.transport.request<Lease>(request).then(aheadMs, () => undefined);
}

/** At least so much: the API server's clock can read up to a second more than it wrote. */
export function aheadMs({ metadata, spec }: Lease): number | undefined {
  const renewal = metadata.managedFields?.find(({ fieldsV1 }) => fieldsV1?.['f:spec']?.['f:renewTime'] !== undefined);
  const differenceMs = Date.parse(spec?.renewTime ?? '') - Date.parse(renewal?.time ?? '');
  if (Number.isNaN(differenceMs)) return undefined;
  return differenceMs > 0 ? Math.max(differenceMs - RESOLUTION_MS, 0) : differenceMs;
}
