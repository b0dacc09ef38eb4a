// Requests with the administrator's permissions, sent from this process: each start of kubectl takes a tenth of a second of a
// core, and mere set-up need not test kubectl.
import { connect, type KubeRequest, KubeTransport, type ResourceReference, resourcePath } from '@konductor/client';
import type { ControlPlaneAccess } from '../../control-plane/index.ts';

export type AdministratorAccess = Pick<ControlPlaneAccess, 'kubeconfig'>;

const transports = new Map<string, Promise<KubeTransport>>();

export async function administratorRequest<T>({ kubeconfig }: AdministratorAccess, request: KubeRequest): Promise<T> {
  const transport = transports.get(kubeconfig) ?? connectTo(kubeconfig);
  transports.set(kubeconfig, transport);
  return (await transport).request(request);
}

async function connectTo(kubeconfig: string): Promise<KubeTransport> {
  return new KubeTransport(await connect({ kubeconfig, env: {} }), { userAgent: 'konductor-test' });
}

type Named = ResourceReference & { readonly name: string };

/** Server-side apply: creates the object, or changes the one that is there already. */
export function applyObject<T>(access: AdministratorAccess, resource: Named, object: object): Promise<T> {
  const { apiVersion, name, namespace } = resource;
  const { kind, ...rest } = object as { kind: string };
  return administratorRequest(access, {
    method: 'PATCH',
    path: resourcePath(resource),
    query: { fieldManager: 'konductor-test', force: true },
    contentType: 'application/apply-patch+yaml',
    body: { apiVersion, kind, metadata: { name, namespace }, ...rest },
  });
}
