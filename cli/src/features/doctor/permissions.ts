// Checks the caller's permissions on WaitGroups by asking the API server.
import { isAllowed } from '@konductor/client';
import type { Failure } from '../../failure/failure.ts';
import { adviseGrant } from '../../failure/failure-advice.ts';
import { COUNT, EVENTS, MANAGE, type Permission, READ, type Rule, rulesFor } from '../../failure/permissions.ts';
import { EXIT_CODE } from '../../process/exit-code.ts';
import { type Check, type CheckContext, check, type Finding, ok, warning } from './check.ts';
import { PURPOSES, type Purpose } from './purpose.ts';

/** A permission, and what it is for. */
interface Needed {
  readonly name: string;
  readonly permission: Permission;
  /** The least purpose that needs it. */
  readonly purpose: Purpose;
  /** The commands that need it. */
  readonly commands: string;
}

const NEEDED: readonly Needed[] = [
  { name: 'read', permission: READ, purpose: 'wait', commands: 'get, list, wait and all changes' },
  { name: 'count', permission: COUNT, purpose: 'work', commands: 'add, done, fail, run and set' },
  { name: 'manage', permission: MANAGE, purpose: 'manage', commands: 'create and delete' },
  { name: 'events', permission: EVENTS, purpose: 'manage', commands: 'the Events of set and status' },
];

/** Checks each; the first that fails advises how to grant all. `user`: the user to grant them to. */
export async function examinePermissions(
  context: CheckContext,
  user: string | undefined,
  describe: (error: unknown) => Failure,
): Promise<readonly Check[]> {
  const checks = await Promise.all(NEEDED.map((one) => check(one.name, () => examine(context, one), describe)));
  const denied = checks.find(({ outcome, code }) => outcome === 'failure' && code === EXIT_CODE.permissionDenied);
  const { namespace, name, purpose } = context;
  const permissions = NEEDED.filter((one) => isNeeded(one, purpose)).map(({ permission }) => permission);
  const grant = { namespace, rules: rulesFor(permissions, name === undefined ? [] : [name]), purpose };
  return checks.map((one) => (one === denied ? { ...one, advice: adviseGrant(grant, user) } : one));
}

async function examine(context: CheckContext, needed: Needed): Promise<Finding> {
  const { name, namespace, purpose } = context;
  const { permission, commands } = needed;
  const rules = rulesFor([permission], name === undefined ? [] : [name]);
  const missing = (await Promise.all(rules.map((rule) => deniedVerbs(context, rule)))).flat();
  const object = name === undefined || permission === EVENTS ? permission.resource : `${permission.resource} "${name}"`;
  const where = `${object} in namespace "${namespace}"`;
  if (missing.length === 0) return ok(`${permission.verbs.join(', ')} ${where}`);
  const message = `cannot ${permission.verbs.filter((verb) => missing.includes(verb)).join(', ')} ${where}`;
  if (!isNeeded(needed, purpose)) return warning(`${message}, which only ${commands} need`);
  return { outcome: 'failure', message: `${message}, needed for ${commands}`, code: EXIT_CODE.permissionDenied };
}

function isNeeded(needed: Needed, purpose: Purpose): boolean {
  return PURPOSES.indexOf(needed.purpose) <= PURPOSES.indexOf(purpose);
}

async function deniedVerbs({ transport, namespace, limits }: CheckContext, rule: Rule): Promise<readonly string[]> {
  const [resource = '', subresource] = rule.resource.split('/');
  const request = { namespace, group: rule.apiGroup, resource, subresource, name: rule.resourceNames?.[0] };
  const allowed = await Promise.all(rule.verbs.map((verb) => isAllowed(transport, { ...request, verb }, limits)));
  return rule.verbs.filter((_, index) => !allowed[index]);
}
