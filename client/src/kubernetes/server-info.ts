// What the API server says of itself: its version, and the schemas that it checks objects by. RBAC lets everybody read both.
import type { RequestLimits } from '../transport/kube-request.ts';
import type { KubeTransport } from '../transport/transport.ts';

/** A kind of a version. */
export interface KindReference {
  /** Such as `konductor.io/v1`. */
  readonly groupVersion: string;
  readonly kind: string;
}

/** Such as `v1.36.3`. */
export async function serverVersion(transport: KubeTransport, limits: RequestLimits = {}): Promise<string> {
  const { gitVersion } = await transport.request<{ readonly gitVersion: string }>({
    method: 'GET',
    path: '/version',
    ...limits,
  });
  return gitVersion;
}

interface ApiResourceList {
  readonly resources: readonly { readonly kind: string }[];
}

/** Whether the kind is served. ResourceNotServedError where nothing of its version is. */
export async function isServed(
  transport: KubeTransport,
  { groupVersion, kind }: KindReference,
  limits: RequestLimits = {},
): Promise<boolean> {
  const path = `/apis/${groupVersion}`;
  const { resources } = await transport.request<ApiResourceList>({ method: 'GET', path, ...limits });
  return resources.some((resource) => resource.kind === kind);
}

interface OpenApi {
  readonly components: { readonly schemas: Readonly<Record<string, ServedSchema>> };
}

interface ServedSchema {
  readonly 'x-kubernetes-group-version-kind'?: readonly { readonly kind: string }[];
}

/** The OpenAPI schema of a kind; undefined where it is not published, as in the seconds after its CRD was installed. */
export async function servedSchema(
  transport: KubeTransport,
  { groupVersion, kind }: KindReference,
  limits: RequestLimits = {},
): Promise<object | undefined> {
  const path = `/openapi/v3/apis/${groupVersion}`;
  const { components } = await transport.request<OpenApi>({ method: 'GET', path, ...limits });
  return Object.values(components.schemas).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some((served) => served.kind === kind),
  );
}
