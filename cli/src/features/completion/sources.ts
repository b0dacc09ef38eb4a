// The names that the cluster and the kubeconfig know, for completion. It imports the client, so it is imported on demand.
import { type KubeObject, listContexts, resourcePath } from '@konductor/client';
import type { Run } from '../../arguments/invocation.ts';
import { withoutKind } from '../../arguments/values.ts';
import type { Session } from '../../session/session.ts';
import { withSession } from '../../session/with-session.ts';
import type { Source } from './candidates.ts';

/** The values of flags, by commander's names. */
export type Flags = Readonly<Record<string, readonly string[]>>;

/** Completion must be fast or fail. */
const TIMEOUT = { text: '1500ms', ms: 1_500 };

/** The line that is completed. */
export interface Typed {
  readonly flags: Flags;
  readonly args: readonly string[];
}

/** Throws when the source cannot be read. */
export async function namesFrom(
  source: Exclude<Source, 'files'>,
  { flags, args: [name = ''] }: Typed,
  run: Run,
): Promise<readonly string[]> {
  switch (source) {
    case 'waitGroups':
      return fromCluster(flags, run, async ({ client, callOptions }) => {
        const groups = await client.list({ ...callOptions, allNamespaces: flags.allNamespaces !== undefined });
        return groups.map(({ metadata }) => metadata.name);
      });
    case 'workers':
      return fromCluster(flags, run, async ({ client, callOptions }) => {
        const workers = await client.workers(withoutKind(name || (run.env.KONDUCTOR_WAITGROUP ?? '')), callOptions);
        return workers.filter(({ spec }) => spec.state === 'Active').map(({ spec }) => spec.worker);
      });
    case 'namespaces':
      return fromCluster(flags, run, listNamespaces);
    case 'contexts':
      return listContexts({ env: run.env, kubeconfig: lastOf(flags.kubeconfig), timeoutMs: TIMEOUT.ms });
  }
}

function fromCluster(
  { kubeconfig, context, namespace, as: user, asUid: uid, asGroup: groups }: Flags,
  run: Run,
  list: (session: Session) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const settings = {
    kubeconfig: lastOf(kubeconfig),
    context: lastOf(context),
    impersonate: { user: lastOf(user), uid: lastOf(uid), groups },
    namespace: lastOf(namespace) ?? (run.env.KONDUCTOR_NAMESPACE || undefined),
    timeout: TIMEOUT,
    output: 'text' as const,
  };
  return withSession(run, settings, list);
}

/** The last value counts; an empty one is absent. */
function lastOf(values: readonly string[] | undefined): string | undefined {
  return values?.at(-1) || undefined;
}

async function listNamespaces({ transport, callOptions }: Session): Promise<readonly string[]> {
  const { items } = await transport.request<{ readonly items: readonly KubeObject[] }>({
    method: 'GET',
    path: resourcePath({ apiVersion: 'v1', resource: 'namespaces' }),
    timeoutMs: TIMEOUT.ms,
    signal: callOptions.signal,
  });
  return items.map(({ metadata }) => metadata.name);
}
