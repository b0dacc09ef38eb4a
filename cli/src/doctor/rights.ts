// What the caller may do with WaitGroups, by the API server's own word.
import { isAllowed } from '@konductor/client';
import { API_GROUP, waitGroupKind } from '@konductor/schema';
import { EXIT_CODE } from '../exit-code.ts';
import { grantCommand } from '../grant.ts';
import { formatRule, type MissingRule } from '../missing-rule.ts';
import { type Finding, ok, type Patient, warning } from './check.ts';

/** Rights that one kind of user needs together. */
export interface Rights {
  readonly verbs: readonly string[];
  readonly subresource?: string;
  /** The commands that do not work without. */
  readonly commands: string;
  /** Workers do without, and should. */
  readonly isOptional?: boolean;
}

/** By the name of the check. */
export const RIGHTS: Readonly<Record<string, Rights>> = {
  'may read': { verbs: ['get', 'list', 'watch'], commands: 'get, list, wait, and every change' },
  'may count': { verbs: ['update'], subresource: 'status', commands: 'add and done' },
  'may manage': { verbs: ['create', 'delete'], commands: 'create and delete', isOptional: true },
};

/** Asks for each verb; `user` is whom the missing ones would be granted to. */
export async function examineRights(patient: Patient, rights: Rights, user: string | undefined): Promise<Finding> {
  const answers = await Promise.all(rights.verbs.map((verb) => isVerbAllowed(patient, rights, verb)));
  const missing = rights.verbs.filter((_, index) => !answers[index]);
  const resource = [waitGroupKind.plural, rights.subresource].filter(Boolean).join('/');
  const where = `${resource}${patient.name === undefined ? '' : ` "${patient.name}"`} in namespace "${patient.namespace}"`;
  if (missing.length === 0) return ok(`${rights.verbs.join(', ')} ${where}`);
  const message = `not allowed to ${missing.join(', ')} ${where}`;
  const rule = missingRule(patient, { resource, verbs: missing });
  const advice =
    user === undefined ? `the missing RBAC rule is ${formatRule(rule)}` : `grant it with ${grantCommand(rule, user)}`;
  if (rights.isOptional) return warning(`${message}, which workers need not`, `for ${rights.commands}, ${advice}`);
  return {
    outcome: 'failure',
    message: `${message}, for ${rights.commands}`,
    advice,
    code: EXIT_CODE.permissionDenied,
  };
}

function isVerbAllowed(
  { transport, namespace, name, limits }: Patient,
  { subresource }: Rights,
  verb: string,
): Promise<boolean> {
  const request = { namespace, group: API_GROUP, resource: waitGroupKind.plural, subresource, verb };
  return isAllowed(transport, { ...request, name: isNameable(verb) ? name : undefined }, limits);
}

function missingRule(
  { namespace, name }: Patient,
  { resource, verbs }: { readonly resource: string; readonly verbs: readonly string[] },
): MissingRule {
  const resourceName = verbs.every(isNameable) ? name : undefined;
  return { namespace, apiGroup: API_GROUP, resource, resourceName, verbs };
}

/** What is made has no name yet: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources */
function isNameable(verb: string): boolean {
  return verb !== 'create';
}
