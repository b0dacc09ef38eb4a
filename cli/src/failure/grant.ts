// The shell command with which an administrator grants missing permissions.
import { shell } from '../output/command-line.ts';
import type { Rule } from './permissions.ts';

/** The rules of a Role; without a namespace, of a ClusterRole. */
export interface Grant {
  readonly namespace: string | undefined;
  readonly rules: readonly Rule[];
  /** What they are for, such as `wait`. */
  readonly purpose: string;
}

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
/** A name can have 253 characters. */
const MAX_ROLE_NAME = 200;

/** The user that an RBAC error names. The Status has no field for it. */
export function deniedUser(message: string): string | undefined {
  return /\bUser "([^"\\]+)" cannot /.exec(message)?.[1];
}

/**
 * Applies a role and binds it. Safe to paste into a shell, whatever the user's name is. kubectl create role cannot write several
 * rules.
 */
export function grantCommand(grant: Grant, user: string): string {
  const { namespace, rules } = grant;
  const name = roleName(grant, user);
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const metadata = [`name: ${name}`, ...(namespace === undefined ? [] : [`namespace: ${JSON.stringify(namespace)}`])];
  const role = `{apiVersion: rbac.authorization.k8s.io/v1, kind: ${kind}, metadata: {${metadata.join(', ')}}, rules: [${formatRules(rules)}]}`;
  const verb = kind.toLowerCase();
  const place = namespace === undefined ? '' : shell` -n ${namespace}`;
  const bind = `kubectl create ${verb}binding ${name}${place} --${verb}=${name} ${subjectFlag(user)}`;
  return `${shell`echo ${role}`} | kubectl apply -f - && ${bind}`;
}

/** Formats rules in YAML, on one line. */
export function formatRules(rules: readonly Rule[]): string {
  return rules.map(formatRule).join(', ');
}

function formatRule({ apiGroup, resource, resourceNames, verbs }: Rule): string {
  const fields = { apiGroups: [apiGroup], resources: [resource], resourceNames, verbs };
  const shown = Object.entries(fields).flatMap(([key, values]) =>
    values ? [`${key}: ${JSON.stringify(values)}`] : [],
  );
  return `{${shown.join(', ')}}`;
}

/** The same for the same user, purpose and WaitGroups: pasting it again changes nothing, and no other role is replaced. */
function roleName({ rules, purpose }: Grant, user: string): string {
  const names = rules.find(({ resourceNames }) => resourceNames)?.resourceNames ?? [];
  const parts = ['koncli', user.replace(/^system:serviceaccount:/, ''), purpose, ...names];
  const slugs = parts.map((part) =>
    part
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, ''),
  );
  return slugs.filter(Boolean).join('-').slice(0, MAX_ROLE_NAME).replace(/-+$/, '');
}

function subjectFlag(user: string): string {
  const [, namespace, name] = SERVICE_ACCOUNT.exec(user) ?? [];
  return namespace && name ? shell`--serviceaccount=${`${namespace}:${name}`}` : shell`--user=${user}`;
}
