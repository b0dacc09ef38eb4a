// Where the operator's Deployment is: found by its label in all namespaces, or by those who may not look there, by its name in
// the two where it usually is.
import { ForbiddenError, NotFoundError, resourcePath } from '@konductor/client';
import type { Patient } from './check.ts';

/** Where install.yaml puts it. */
const NAMESPACE = 'konductor-system';
/** Also the value of its label. */
export const NAME = 'konductor-operator';
const DEPLOYMENTS = { apiVersion: 'apps/v1', resource: 'deployments' };

/** The part of an apps/v1 Deployment that tells what it is for and how it is. */
export interface Deployment {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly spec?: { readonly containers?: readonly { readonly args?: readonly string[] }[] } };
  };
  readonly status?: { readonly readyReplicas?: number };
}

/** Why there is none to be found. */
export type Unfound = 'unseen' | 'absent';

/** The one that is for the namespace that is asked about. */
export async function findDeployment(patient: Patient): Promise<Deployment | Unfound> {
  const labelled = await request<{ items: readonly Deployment[] }>(patient, resourcePath(DEPLOYMENTS), {
    labelSelector: `app.kubernetes.io/name=${NAME}`,
  });
  const [deployment] = typeof labelled === 'string' ? [] : servingFirst(labelled.items, patient.namespace);
  if (deployment) return deployment;
  let unfound: Unfound = 'absent';
  for (const namespace of new Set([NAMESPACE, patient.namespace])) {
    const named = await request<Deployment>(patient, resourcePath({ ...DEPLOYMENTS, namespace, name: NAME }));
    if (typeof named !== 'string') return named;
    if (named === 'unseen') unfound = named;
  }
  return unfound;
}

/** Those that serve a namespace, its own before the others'. */
export function servingFirst(deployments: readonly Deployment[], namespace: string): readonly Deployment[] {
  const serving = deployments.filter((deployment) => serves(deployment, namespace));
  const isOwn = ({ metadata }: Deployment) => metadata.namespace === namespace;
  return [...serving.filter(isOwn), ...serving.filter((deployment) => !isOwn(deployment))];
}

/** An operator for one namespace is told by its arguments which one. */
function serves({ metadata, spec }: Deployment, namespace: string): boolean {
  const args = spec?.template?.spec?.containers?.flatMap(({ args: own = [] }) => own) ?? [];
  const watched = args.map((arg) => /^--watch-namespace=(.*)$/.exec(arg)?.[1]).find((value) => value !== undefined);
  return !watched || watched.replace('$(POD_NAMESPACE)', metadata.namespace) === namespace;
}

async function request<T>(
  { transport, limits }: Patient,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<T | Unfound> {
  try {
    return await transport.request<T>({ method: 'GET', path, query, ...limits });
  } catch (error) {
    if (error instanceof ForbiddenError) return 'unseen';
    if (error instanceof NotFoundError) return 'absent';
    throw error;
  }
}
