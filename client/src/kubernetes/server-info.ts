// Reads the version of the API server and the schemas of its kinds. RBAC allows both for every authenticated user.
import { ApiError } from '../core/errors.ts';
import type { RequestLimits } from '../transport/kube-request.ts';
import type { KubeTransport } from '../transport/transport.ts';
import { requestShaped, type Shape } from './request-shaped.ts';

export interface KindReference {
  /** Such as `konductor.io/v1`. */
  readonly groupVersion: string;
  readonly kind: string;
}

type Kind = Pick<KindReference, 'kind'>;

/** Returns a version such as `v1.36.3`. */
export async function serverVersion(transport: KubeTransport, limits: RequestLimits = {}): Promise<string> {
  const request = { method: 'GET', path: '/version', ...limits } as const;
  const { gitVersion } = await requestShaped<{ readonly gitVersion: string }>(transport, request, {
    name: 'a version',
    isMet: (version) => typeof version.gitVersion === 'string',
  });
  return gitVersion;
}

/** Whether the API server serves the kind. ResourceNotServedError if it does not serve the group and version at all. */
export async function isServed(
  transport: KubeTransport,
  { groupVersion, kind }: KindReference,
  limits: RequestLimits = {},
): Promise<boolean> {
  const request = { method: 'GET', path: `/apis/${groupVersion}`, ...limits } as const;
  const { resources } = await requestShaped<{ readonly resources: readonly Kind[] }>(transport, request, {
    name: 'an APIResourceList',
    isMet: (list) => Array.isArray(list.resources) && list.resources.every(Boolean),
  });
  return resources.some((resource) => resource.kind === kind);
}

interface OpenApi {
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly 'x-kubernetes-group-version-kind'?: readonly Kind[] }>>;
  };
}

const OPEN_API: Shape<OpenApi> = {
  name: 'an OpenAPI document',
  isMet: ({ components }) => Object.values(components?.schemas ?? [undefined]).every(Boolean),
};

/** Returns the OpenAPI schema of a kind; undefined while it is not published, as in the first seconds after its CRD was installed. */
export async function servedSchema(
  transport: KubeTransport,
  { groupVersion, kind }: KindReference,
  limits: RequestLimits = {},
): Promise<object | undefined> {
  const request = { method: 'GET', path: `/openapi/v3/apis/${groupVersion}`, ...limits } as const;
  const published = await requestShaped<OpenApi>(transport, request, OPEN_API).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 404) return undefined;
    throw error;
  });
  return Object.values(published?.components.schemas ?? {}).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some((served) => served.kind === kind),
  );
}
