// The shell command with which an administrator grants a missing rule.
import { shell } from '../output/command-line.ts';
import type { MissingRule } from './missing-rule.ts';

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** The user that an RBAC error names. The Status has no field for it. */
export function deniedUser(message: string): string | undefined {
  return /\bUser "([^"\\]+)" cannot /.exec(message)?.[1];
}

/** Creates a role with this rule and binds it. Safe to paste into a shell, whatever the user's name is. */
export function grantCommand(rule: MissingRule, user: string): string {
  const { namespace, apiGroup, resource, resourceName, verbs } = rule;
  const kind = namespace === undefined ? 'clusterrole' : 'role';
  const role = roleName(rule, user);
  const place = namespace === undefined ? [] : [shell`-n ${namespace}`];
  const create = [
    shell`kubectl create ${kind} ${role}`,
    ...place,
    shell`--verb=${verbs.join(',')}`,
    shell`--resource=${qualified(resource, apiGroup)}`,
    ...(resourceName === undefined ? [] : [shell`--resource-name=${resourceName}`]),
  ];
  const bind = [shell`kubectl create ${kind}binding ${role}`, ...place, shell`--${kind}=${role}`, subjectFlag(user)];
  return `${create.join(' ')} && ${bind.join(' ')}`;
}

/** The same for the same rule and user, so that pasting it again finds the role. */
function roleName({ resource, resourceName, verbs }: MissingRule, user: string): string {
  const parts = ['koncli', user.replace(/^system:serviceaccount:/, ''), ...verbs, resource, resourceName ?? ''];
  const slugs = parts.map((part) => part.toLowerCase().replace(/[^a-z0-9]+/g, '-'));
  return slugs.filter(Boolean).join('-');
}

/** `waitgroups.konductor.io/status` */
function qualified(resource: string, apiGroup: string): string {
  return apiGroup === '' ? resource : resource.replace(/^[^/]+/, (name) => `${name}.${apiGroup}`);
}

function subjectFlag(user: string): string {
  const [, namespace, name] = SERVICE_ACCOUNT.exec(user) ?? [];
  return namespace && name ? shell`--serviceaccount=${`${namespace}:${name}`}` : shell`--user=${user}`;
}
