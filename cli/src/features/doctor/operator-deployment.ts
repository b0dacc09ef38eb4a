// Finds the operator's Deployment: by its label in all namespaces, or without permission for that, by its name in the two
// namespaces where it usually is.
import { ForbiddenError, NotFoundError, resourcePath } from '@konductor/client';
import type { CheckContext } from './check.ts';

/** The namespace of install.yaml. */
export const NAMESPACE = 'konductor-system';
/** The name, and the value of its label. */
export const NAME = 'konductor-operator';
const DEPLOYMENTS = { apiVersion: 'apps/v1', resource: 'deployments' };

/** The part of an apps/v1 Deployment that shows its purpose and its state. */
export interface Deployment {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly args?: readonly string[] }[] } };
  };
  readonly status?: { readonly readyReplicas?: number };
}

/** Why no Deployment was found. */
export type MissingReason = 'forbidden' | 'notFound';

/** Finds the Deployment that serves the namespace. */
export async function findDeployment(context: CheckContext): Promise<Deployment | MissingReason> {
  const labelled = await request<{ items: readonly Deployment[] }>(context, resourcePath(DEPLOYMENTS), {
    labelSelector: `app.kubernetes.io/name=${NAME}`,
  });
  const [deployment] = typeof labelled === 'string' ? [] : servingFirst(labelled.items, context.namespace);
  if (deployment) return deployment;
  let reason: MissingReason = typeof labelled === 'string' ? labelled : 'notFound';
  for (const namespace of new Set([NAMESPACE, context.namespace])) {
    const named = await request<Deployment>(context, resourcePath({ ...DEPLOYMENTS, namespace, name: NAME }));
    if (typeof named !== 'string') return named;
    if (named === 'forbidden') reason = named;
  }
  return reason;
}

/** The Deployments that serve a namespace; those in the namespace itself first. */
export function servingFirst(deployments: readonly Deployment[], namespace: string): readonly Deployment[] {
  const serving = deployments.filter((deployment) => serves(deployment, namespace));
  const isOwn = ({ metadata }: Deployment) => metadata.namespace === namespace;
  return [...serving.filter(isOwn), ...serving.filter((deployment) => !isOwn(deployment))];
}

/** An operator for a single namespace has it in its arguments. */
function serves({ metadata, spec }: Deployment, namespace: string): boolean {
  const args = spec?.template?.spec?.containers?.flatMap(({ args: own = [] }) => own) ?? [];
  const watched = args.map((arg) => /^--watch-namespace=(.*)$/.exec(arg)?.[1]).find((value) => value !== undefined);
  return !watched || watched.replace('$(POD_NAMESPACE)', metadata.namespace) === namespace;
}

async function request<T>(
  { transport, limits }: CheckContext,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<T | MissingReason> {
  try {
    return await transport.request<T>({ method: 'GET', path, query, ...limits });
  } catch (error) {
    if (error instanceof ForbiddenError) return 'forbidden';
    if (error instanceof NotFoundError) return 'notFound';
    throw error;
  }
}
