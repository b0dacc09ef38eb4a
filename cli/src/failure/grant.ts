// The commands by which an administrator grants a missing rule: one line for the shell.
import type { MissingRule } from './missing-rule.ts';

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
const ANONYMOUS = 'system:anonymous';

/** Who was refused, as RBAC's refusals name the user. Its status has no field for that. */
export function refusedUser(message: string): string | undefined {
  return /\bUser "([^"\\]+)" cannot /.exec(message)?.[1];
}

/** Whether the API server took the request for nobody's. */
export function isAnonymous(user: string | undefined): boolean {
  return user === ANONYMOUS;
}

/** Makes a role of the rule alone and binds it; safe to paste into a shell, whatever the user's name. */
export function grantCommand(rule: MissingRule, user: string): string {
  const { namespace, apiGroup, resource, resourceName, verbs } = rule;
  const kind = namespace === undefined ? 'clusterrole' : 'role';
  const role = quote(roleName(rule, user));
  const place = namespace === undefined ? [] : ['-n', quote(namespace)];
  const make = [
    `kubectl create ${kind} ${role}`,
    ...place,
    `--verb=${verbs.join(',')}`,
    `--resource=${qualified(resource, apiGroup)}`,
    ...(resourceName === undefined ? [] : [`--resource-name=${quote(resourceName)}`]),
  ];
  const bind = [`kubectl create ${kind}binding ${role}`, ...place, `--${kind}=${role}`, subjectFlag(user)];
  return `${make.join(' ')} && ${bind.join(' ')}`;
}

/** One for each rule and user, so that pasting it again finds it granted. */
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
