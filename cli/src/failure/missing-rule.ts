// The RBAC rule that would have allowed a request.
import type { ForbiddenError } from '@konductor/client';
import { type RejectedRequest, rejectedRequest } from '../session/reporting-transport.ts';

/** A rule of a Role; without a namespace, of a ClusterRole. */
export interface MissingRule {
  readonly namespace: string | undefined;
  readonly apiGroup: string;
  /** The resource with its subresource, such as `waitgroups/status`. */
  readonly resource: string;
  readonly resourceName: string | undefined;
  readonly verbs: readonly string[];
}

const PATH =
  /^\/(?:api|apis\/(?<apiGroup>[^/]+))\/[^/]+(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<subresource>[^/]+))?$/;
/**
 * Admission (quota, policy, terminating namespace) returns the same status with other messages. What is needed to impersonate
 * depends on the version of the API server.
 */
const BY_AUTHORIZATION = /\bforbidden: User ".*" cannot (?!impersonate)/;
const WRITE_VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Undefined when the request was not denied by RBAC. */
export function missingRule(error: ForbiddenError): MissingRule | undefined {
  const request = rejectedRequest(error);
  return request && BY_AUTHORIZATION.test(error.message) ? ruleFor(request) : undefined;
}

/** The rule for a request; for the one object if the request names one. */
export function ruleFor(request: RejectedRequest): MissingRule | undefined {
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

/** Formats the rule in one line of YAML. */
export function formatRule({ apiGroup, resource, resourceName, verbs }: MissingRule): string {
  const fields = { apiGroups: [apiGroup], resources: [resource], resourceNames: resourceName && [resourceName], verbs };
  const shown = Object.entries(fields).flatMap(([key, values]) => (values ? [`${key}: ${formatList(values)}`] : []));
  return `{${shown.join(', ')}}`;
}

function selectedName({ query }: RejectedRequest): string | undefined {
  return /^metadata\.name=(.+)$/.exec(String(query?.fieldSelector ?? ''))?.[1];
}

function verbsOf(request: RejectedRequest, name: string | undefined): string[] {
  const { method, query, isBeforeWatch } = request;
  if (method !== 'GET') return [WRITE_VERBS[method] ?? method];
  if (query?.watch) return ['watch'];
  // koncli lists a single object only to watch it.
  if (isBeforeWatch || selectedName(request)) return ['list', 'watch'];
  return [name ? 'get' : 'list'];
}

function formatList(values: readonly string[]): string {
  return `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;
}
