// The shell command with which an administrator grants a missing rule.
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
  const role = quote(roleName(rule, user));
  const place = namespace === undefined ? [] : ['-n', quote(namespace)];
  const create = [
    `kubectl create ${kind} ${role}`,
    ...place,
    `--verb=${verbs.join(',')}`,
    `--resource=${qualified(resource, apiGroup)}`,
    ...(resourceName === undefined ? [] : [`--resource-name=${quote(resourceName)}`]),
  ];
  const bind = [`kubectl create ${kind}binding ${role}`, ...place, `--${kind}=${role}`, subjectFlag(user)];
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
  return namespace && name ? `--serviceaccount=${quote(`${namespace}:${name}`)}` : `--user=${quote(user)}`;
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
