// What the caller may do with WaitGroups, by the API server's own word.
import { isAllowed } from '@konductor/client';
import { API_GROUP, waitGroupKind } from '@konductor/schema';
import { grantCommand } from '../failure/grant.ts';
import { formatRule, type MissingRule } from '../failure/missing-rule.ts';
import { EXIT_CODE } from '../process/exit-code.ts';
import { type Finding, ok, type Patient, warning } from './check.ts';

/** Rights on one resource that some commands need together. */
export interface Rights {
  readonly apiGroup: string;
  /** With its subresource, as `waitgroups/status`. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** The commands that do not work without. */
  readonly commands: string;
  /** Whether they can be given on one group alone. */
  readonly isOnGroup: boolean;
  /** Workers do without, and should. */
  readonly isOptional?: boolean;
}

const WAIT_GROUPS = { apiGroup: API_GROUP, resource: waitGroupKind.plural, isOnGroup: true };

/** By the name of the check. */
export const RIGHTS: Readonly<Record<string, Rights>> = {
  'may read': { ...WAIT_GROUPS, verbs: ['get', 'list', 'watch'], commands: 'get, list, wait, and every change' },
  'may count': {
    ...WAIT_GROUPS,
    resource: `${waitGroupKind.plural}/status`,
    verbs: ['update'],
    commands: 'add, done and set',
  },
  'may manage': { ...WAIT_GROUPS, verbs: ['create', 'delete'], commands: 'create and delete', isOptional: true },
  'may explain': {
    apiGroup: '',
    resource: 'events',
    verbs: ['create', 'list'],
    commands: 'the Events that set leaves and status shows',
    isOnGroup: false,
    isOptional: true,
  },
};

/** Asks for each verb; `user` is whom the missing ones would be granted to. */
export async function examineRights(patient: Patient, rights: Rights, user: string | undefined): Promise<Finding> {
  const answers = await Promise.all(rights.verbs.map((verb) => isVerbAllowed(patient, rights, verb)));
  const missing = rights.verbs.filter((_, index) => !answers[index]);
  const { resource, commands, isOnGroup } = rights;
  const object = isOnGroup && patient.name !== undefined ? `${resource} "${patient.name}"` : resource;
  const where = `${object} in namespace "${patient.namespace}"`;
  if (missing.length === 0) return ok(`${rights.verbs.join(', ')} ${where}`);
  const message = `not allowed to ${missing.join(', ')} ${where}`;
  const advice = grantAdvice(missingRule(patient, rights, missing), user);
  if (rights.isOptional) return warning(`${message}, which workers need not`, `for ${commands}, ${advice}`);
  return { outcome: 'failure', message: `${message}, for ${commands}`, advice, code: EXIT_CODE.permissionDenied };
}

function grantAdvice(rule: MissingRule, user: string | undefined): string {
  return user === undefined
    ? `the missing RBAC rule is ${formatRule(rule)}`
    : `grant it with ${grantCommand(rule, user)}`;
}

function isVerbAllowed(
  { transport, namespace, name, limits }: Patient,
  rights: Rights,
  verb: string,
): Promise<boolean> {
  const [resource = '', subresource] = rights.resource.split('/');
  const request = { namespace, group: rights.apiGroup, resource, subresource, verb };
  return isAllowed(transport, { ...request, name: isNameable(rights, verb) ? name : undefined }, limits);
}

function missingRule({ namespace, name }: Patient, rights: Rights, verbs: readonly string[]): MissingRule {
  const { apiGroup, resource } = rights;
  const resourceName = verbs.every((verb) => isNameable(rights, verb)) ? name : undefined;
  return { namespace, apiGroup, resource, resourceName, verbs };
}

/** What is made has no name yet: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources */
function isNameable({ isOnGroup }: Rights, verb: string): boolean {
  return isOnGroup && verb !== 'create';
}
