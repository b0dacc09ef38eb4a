// The RBAC rule that would have allowed a request, as an administrator puts it into a Role.
import type { ForbiddenError, KubeRequest } from '@konductor/client';
import { forbiddenRequest } from './reporting-transport.ts';

const PATH = /^\/apis\/([^/]+)\/[^/]+(?:\/namespaces\/[^/]+)?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;
const WRITE_VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** In YAML's flow style, which is one line; undefined when it was not RBAC that refused the request. */
export function missingRule(error: ForbiddenError): string | undefined {
  const request = forbiddenRequest(error);
  // Admission gives causes (a namespace that is going away), authorization gives none.
  if (!request || error.status.details?.causes?.length) return undefined;
  return ruleFor(request);
}

/** The rule for this request, on the one object where it names one. */
export function ruleFor(request: KubeRequest): string | undefined {
  const [, group, resource, name = selectedName(request), subresource] = PATH.exec(request.path) ?? [];
  if (!group || !resource) return undefined;
  return flow({
    apiGroups: [group],
    resources: [subresource ? `${resource}/${subresource}` : resource],
    resourceNames: name ? [name] : undefined,
    verbs: verbsOf(request, name),
  });
}

function selectedName({ query }: KubeRequest): string | undefined {
  return /^metadata\.name=(.+)$/.exec(String(query?.fieldSelector ?? ''))?.[1];
}

function verbsOf(request: KubeRequest, name: string | undefined): string[] {
  const { method, query } = request;
  if (method !== 'GET') return [WRITE_VERBS[method] ?? method];
  if (query?.watch) return ['watch'];
  // Whoever lists one object is about to watch it.
  if (selectedName(request)) return ['list', 'watch'];
  return [name ? 'get' : 'list'];
}

function flow(rule: Readonly<Record<string, readonly string[] | undefined>>): string {
  const fields = Object.entries(rule).flatMap(([key, values]) =>
    values ? [`${key}: [${values.map((value) => JSON.stringify(value)).join(', ')}]`] : [],
  );
  return `{${fields.join(', ')}}`;
}
