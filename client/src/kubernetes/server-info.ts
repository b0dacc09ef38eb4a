// Reads the version of the API server and the schemas of its kinds. RBAC allows both for every authenticated user.
import { ApiError } from '../core/errors.ts';
import type { RequestLimits } from '../transport/kube-request.ts';
import type { KubeTransport } from '../transport/transport.ts';

export interface KindReference {
  /** Such as `konductor.io/v1`. */
  readonly groupVersion: string;
  readonly kind: string;
}

type Kind = Pick<KindReference, 'kind'>;

/** Returns a version such as `v1.36.3`. */
export async function serverVersion(transport: KubeTransport, limits: RequestLimits = {}): Promise<string> {
  const { gitVersion } = await transport.request<{ readonly gitVersion: string }>({
    method: 'GET',
    path: '/version',
    ...limits,
  });
  return gitVersion;
}

/** Whether the API server serves the kind. ResourceNotServedError if it does not serve the group and version at all. */
export async function isServed(
  transport: KubeTransport,
  { groupVersion, kind }: KindReference,
  limits: RequestLimits = {},
): Promise<boolean> {
  const path = `/apis/${groupVersion}`;
  const { resources } = await transport.request<{ readonly resources: readonly Kind[] }>({
    method: 'GET',
    path,
    ...limits,
  });
  return resources.some((resource) => resource.kind === kind);
}

interface OpenApi {
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly 'x-kubernetes-group-version-kind'?: readonly Kind[] }>>;
  };
}

/** Returns the OpenAPI schema of a kind; undefined while it is not published, as in the first seconds after its CRD was installed. */
export async function servedSchema(
  transport: KubeTransport,
  { groupVersion, kind }: KindReference,
  limits: RequestLimits = {},
): Promise<object | undefined> {
  const path = `/openapi/v3/apis/${groupVersion}`;
  const published = await transport.request<OpenApi>({ method: 'GET', path, ...limits }).catch((error: unknown) => {
    if (error instanceof ApiError && error.code === 404) return undefined;
    throw error;
  });
  return Object.values(published?.components.schemas ?? {}).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some((served) => served.kind === kind),
  );
}
