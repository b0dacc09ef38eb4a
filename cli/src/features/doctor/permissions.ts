// Checks the caller's permissions on WaitGroups by asking the API server.
import { isAllowed } from '@konductor/client';
import { API_GROUP, waitGroupKind } from '@konductor/schema';
import { grantCommand } from '../../failure/grant.ts';
import { formatRule, type MissingRule } from '../../failure/missing-rule.ts';
import { EXIT_CODE } from '../../process/exit-code.ts';
import { type CheckContext, type Finding, ok, warning } from './check.ts';

/** Permissions on one resource that some commands need together. */
export interface Permissions {
  readonly apiGroup: string;
  /** The resource with its subresource, such as `waitgroups/status`. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** The commands that need them. */
  readonly commands: string;
  /** Whether they can be granted for a single WaitGroup. */
  readonly isOnGroup: boolean;
  /** Whether workers do not need them. */
  readonly isOptional?: boolean;
}

const WAIT_GROUPS = { apiGroup: API_GROUP, resource: waitGroupKind.plural, isOnGroup: true };

/** The permissions by the name of their check. */
export const PERMISSIONS: Readonly<Record<string, Permissions>> = {
  read: { ...WAIT_GROUPS, verbs: ['get', 'list', 'watch'], commands: 'get, list, wait and all changes' },
  count: {
    ...WAIT_GROUPS,
    resource: `${waitGroupKind.plural}/status`,
    verbs: ['update'],
    commands: 'add, done and set',
  },
  manage: { ...WAIT_GROUPS, verbs: ['create', 'delete'], commands: 'create and delete', isOptional: true },
  events: {
    apiGroup: '',
    resource: 'events',
    verbs: ['create', 'list'],
    commands: 'the Events of set and status',
    isOnGroup: false,
    isOptional: true,
  },
};

/** Reviews each verb; `user` is the user to grant missing permissions to. */
export async function examinePermissions(
  context: CheckContext,
  permissions: Permissions,
  user: string | undefined,
): Promise<Finding> {
  const allowed = await Promise.all(permissions.verbs.map((verb) => isVerbAllowed(context, permissions, verb)));
  const missing = permissions.verbs.filter((_, index) => !allowed[index]);
  const { resource, commands, isOnGroup } = permissions;
  const object = isOnGroup && context.name !== undefined ? `${resource} "${context.name}"` : resource;
  const where = `${object} in namespace "${context.namespace}"`;
  if (missing.length === 0) return ok(`${permissions.verbs.join(', ')} ${where}`);
  const message = `cannot ${missing.join(', ')} ${where}`;
  const advice = grantAdvice(missingRule(context, permissions, missing), user);
  if (permissions.isOptional) return warning(`${message}; workers do not need it`, `for ${commands}, ${advice}`);
  return {
    outcome: 'failure',
    message: `${message}, needed for ${commands}`,
    advice,
    code: EXIT_CODE.permissionDenied,
  };
}

function grantAdvice(rule: MissingRule, user: string | undefined): string {
  return user === undefined
    ? `the missing RBAC rule is ${formatRule(rule)}`
    : `grant it with ${grantCommand(rule, user)}`;
}

function isVerbAllowed(
  { transport, namespace, name, limits }: CheckContext,
  permissions: Permissions,
  verb: string,
): Promise<boolean> {
  const [resource = '', subresource] = permissions.resource.split('/');
  const request = { namespace, group: permissions.apiGroup, resource, subresource, verb };
  return isAllowed(transport, { ...request, name: isNameable(permissions, verb) ? name : undefined }, limits);
}

function missingRule(
  { namespace, name }: CheckContext,
  permissions: Permissions,
  verbs: readonly string[],
): MissingRule {
  const { apiGroup, resource } = permissions;
  const resourceName = verbs.every((verb) => isNameable(permissions, verb)) ? name : undefined;
  return { namespace, apiGroup, resource, resourceName, verbs };
}

/** RBAC does not know the name of an object that is being created: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources */
function isNameable({ isOnGroup }: Permissions, verb: string): boolean {
  return isOnGroup && verb !== 'create';
}
