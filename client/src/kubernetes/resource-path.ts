// The REST paths of Kubernetes resources: https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris.

export interface ResourceReference {
  /** The group and version, such as `apps/v1`; `v1` is the core group. */
  readonly apiVersion: string;
  /** The plural name of the resource in lower case, such as `deployments`. */
  readonly resource: string;
  /** The namespace; absent: all namespaces, or a cluster-scoped resource. */
  readonly namespace?: string | undefined;
  /** The name of an object; absent: the collection. */
  readonly name?: string | undefined;
}

export function resourcePath({ apiVersion, resource, namespace, name }: ResourceReference): string {
  const root = apiVersion.includes('/') ? '/apis' : '/api';
  const scope = namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}/${apiVersion}${scope}/${resource}${name ? `/${encodeURIComponent(name)}` : ''}`;
}
