// The rules that would have allowed a command whose request RBAC denied.
import type { ForbiddenError } from '@konductor/client';
import { workerNames } from '@konductor/schema';
import { type RejectedRequest, rejectedRequest } from '../session/reporting-transport.ts';
import type { Grant } from './grant.ts';
import { neededFor, type Permission, rulesFor } from './permissions.ts';

const PATH =
  /^\/(?:api|apis\/(?<apiGroup>[^/]+))\/[^/]+(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<subresource>[^/]+))?$/;
/**
 * Admission (quota, policy, terminating namespace) returns the same status with other messages. What is needed to impersonate
 * depends on the version of the API server.
 */
const BY_AUTHORIZATION = /\bforbidden: User ".*" cannot (?!impersonate)/;
/** What the admission policy on workers says of a missing permission, rather than of a worker that is not the caller. */
const BY_POLICY =
  /\bValidatingAdmissionPolicy 'workers\.konductor\.io' .*\bgrant it the verb create on waitgroups\/report\b/;
const WRITE_VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Undefined when the request was not denied because of a missing permission. */
export function missingGrant(error: ForbiddenError): Grant | undefined {
  const request = rejectedRequest(error);
  if (!request) return undefined;
  const { message } = error;
  // Only managers release: whatever the policy says of the caller, it is not one.
  const isMissing = BY_AUTHORIZATION.test(message) || BY_POLICY.test(message) || isDeniedRelease(request, message);
  return isMissing ? grantFor(request) : undefined;
}

function isDeniedRelease({ call }: RejectedRequest, message: string): boolean {
  return call?.verb === 'release' && message.includes("ValidatingAdmissionPolicy 'workers.konductor.io'");
}

/** Grants all that the command of the request needs, on its WaitGroups alone. */
export function grantFor(request: RejectedRequest): Grant | undefined {
  const { groups } = PATH.exec(request.path) ?? {};
  if (!groups?.resource) return undefined;
  const { apiGroup = '', namespace, resource, name = selectedName(request), subresource } = groups;
  const denied: Permission = {
    apiGroup,
    resource: subresource ? `${resource}/${subresource}` : resource,
    verbs: [verbOf(request, name)],
  };
  const { call } = request;
  // The record of a worker begins with the name of its WaitGroup.
  const waitGroup = resource === workerNames.plural ? name?.split('.')[0] : name;
  const names = call && call.names.length > 0 ? call.names : waitGroup === undefined ? [] : [waitGroup];
  const rules = rulesFor(neededFor(call, denied), names);
  return { namespace, rules, purpose: call?.verb ?? denied.verbs.join() };
}

function selectedName({ query }: RejectedRequest): string | undefined {
  return /^metadata\.name=(.+)$/.exec(String(query?.fieldSelector ?? ''))?.[1];
}

function verbOf({ method, query }: RejectedRequest, name: string | undefined): string {
  if (method !== 'GET') return WRITE_VERBS[method] ?? method;
  if (query?.watch) return 'watch';
  return name && query?.fieldSelector === undefined ? 'get' : 'list';
}
