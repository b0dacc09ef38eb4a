// Which worker a session counts for. It imports the client, so the session imports it.
import { type Connection, type Worker, workerIdFor } from '@konductor/client';
import type { Run } from '../arguments/invocation.ts';
import type { Settings } from '../arguments/settings.ts';
import { WorkerError } from '../errors.ts';

/** Undefined: changes are anonymous. A pod can work only for WaitGroups in its own namespace. */
export function identify(
  { worker, namespace }: Pick<Settings, 'worker' | 'namespace'>,
  connection: Pick<Connection, 'pod' | 'namespace'>,
  { hostname, env }: Pick<Run, 'hostname' | 'env'>,
): Worker | undefined {
  if (worker === undefined) return undefined;
  const isHere = namespace === undefined || namespace === connection.namespace;
  const pod = isHere ? connection.pod : undefined;
  if (typeof worker === 'object') return { id: worker.id, pod };
  const id = workerIdFor({ pod, hostname, env });
  if (id !== undefined) return { id, pod };
  if (worker === 'inPod') return undefined;
  throw new WorkerError(
    isHere
      ? 'no worker ID: auto needs a pod with the token of its ServiceAccount; give --worker ID, or --anonymous'
      : `no worker ID: auto needs a pod in namespace "${namespace}"; give --worker ID, or --anonymous`,
  );
}
