// The RBAC rule that would have allowed a request, as an administrator puts it into a Role.
import type { ForbiddenError } from '@konductor/client';
import { type RefusedRequest, refusedRequest } from '../session/reporting-transport.ts';

/** One rule of a Role, or where it has no namespace, of a ClusterRole. */
export interface MissingRule {
  readonly namespace: string | undefined;
  readonly apiGroup: string;
  /** With its subresource, as `waitgroups/status`. */
  readonly resource: string;
  readonly resourceName: string | undefined;
  readonly verbs: readonly string[];
}

const PATH =
  /^\/(?:api|apis\/(?<apiGroup>[^/]+))\/[^/]+(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<subresource>[^/]+))?$/;
/** Admission (a quota, a policy, a namespace that is going away) forbids in words of its own; the status is the same. */
const BY_AUTHORIZATION = /\bforbidden: User ".*" cannot /;
const WRITE_VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Undefined when it was not RBAC that refused the request. */
export function missingRule(error: ForbiddenError): MissingRule | undefined {
  const request = refusedRequest(error);
  return request && BY_AUTHORIZATION.test(error.message) ? ruleFor(request) : undefined;
}

/** The rule for this request, on the one object where it names one. */
export function ruleFor(request: RefusedRequest): MissingRule | undefined {
  const { groups } = PATH.exec(request.path) ?? {};
  if (!groups?.resource) return undefined;
  const { apiGroup = '', namespace, resource, name = selectedName(request), subresource } = groups;
  return {
    namespace,
    apiGroup,
    resource: subresource ? `${resource}/${subresource}` : resource,
    resourceName: name,
    verbs: verbsOf(request, name),
  };
}

/** In YAML's flow style, which is one line. */
export function formatRule({ apiGroup, resource, resourceName, verbs }: MissingRule): string {
  const fields = { apiGroups: [apiGroup], resources: [resource], resourceNames: resourceName && [resourceName], verbs };
  const shown = Object.entries(fields).flatMap(([key, values]) => (values ? [`${key}: ${formatList(values)}`] : []));
  return `{${shown.join(', ')}}`;
}

function selectedName({ query }: RefusedRequest): string | undefined {
  return /^metadata\.name=(.+)$/.exec(String(query?.fieldSelector ?? ''))?.[1];
}

function verbsOf(request: RefusedRequest, name: string | undefined): string[] {
  const { method, query, isBeforeWatch } = request;
  if (method !== 'GET') return [WRITE_VERBS[method] ?? method];
  if (query?.watch) return ['watch'];
  // Whoever lists one object is about to watch it.
  if (isBeforeWatch || selectedName(request)) return ['list', 'watch'];
  return [name ? 'get' : 'list'];
}

function formatList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;
}
