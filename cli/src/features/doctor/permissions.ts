// Checks the caller's permissions on WaitGroups by asking the API server.
import { isAllowed } from '@konductor/client';
import type { Failure } from '../../failure/failure.ts';
import { adviseGrant } from '../../failure/failure-advice.ts';
import {
  COUNT,
  EVENTS,
  MANAGE,
  type Permission,
  READ,
  RELEASE,
  REPORT,
  type Rule,
  rulesFor,
} from '../../failure/permissions.ts';
import { EXIT_CODE } from '../../process/exit-code.ts';
import { type Check, type CheckContext, type CheckName, check, type Finding, ok, warning } from './check.ts';
import { PURPOSES, type Purpose } from './purpose.ts';

/** Permissions, and what they are for. */
interface Needed {
  readonly name: CheckName;
  readonly permissions: readonly Permission[];
  /** The least purpose that needs them; absent: none does. */
  readonly purpose?: Purpose | undefined;
  /** The commands that need them. */
  readonly commands: string;
}

/** To work, one of `count` and `report` is enough; pods have an identity, which needs `report`. */
function neededIn({ isInPod }: CheckContext): readonly Needed[] {
  const [count, report] = isInPod ? (['manage', 'work'] as const) : (['work', undefined] as const);
  return [
    { name: 'read', permissions: [READ], purpose: 'wait', commands: 'get, list, wait and all changes' },
    {
      name: 'count',
      permissions: COUNT,
      purpose: count,
      commands: 'anonymous add, done, fail and run, and set',
    },
    {
      name: 'report',
      permissions: REPORT,
      purpose: report,
      commands: 'add, done, fail and run of a worker with an identity',
    },
    { name: 'manage', permissions: [MANAGE, ...RELEASE], purpose: 'manage', commands: 'create, delete and release' },
    { name: 'events', permissions: [EVENTS], purpose: 'manage', commands: 'the Events of set and status' },
  ];
}

/** Checks each; the first that fails advises how to grant all. `user`: the user to grant them to. */
export async function examinePermissions(
  context: CheckContext,
  user: string | undefined,
  describe: (error: unknown) => Failure,
): Promise<readonly Check[]> {
  const { namespace, name, purpose } = context;
  const needed = neededIn(context);
  const examined = await Promise.all(needed.map((one) => check(one.name, () => examine(context, one), describe)));
  const checks = purpose === 'work' ? acceptAlternative(examined) : examined;
  const denied = checks.find(isDenied);
  const permissions = needed.filter((one) => isNeeded(one, purpose)).flatMap((one) => one.permissions);
  const grant = { namespace, rules: rulesFor(permissions, name === undefined ? [] : [name]), purpose };
  return checks.map((one) => (one === denied ? { ...one, advice: adviseGrant(grant, user) } : one));
}

function acceptAlternative(checks: readonly Check[]): readonly Check[] {
  const isOk = checks.some(({ name, outcome }) => ['count', 'report'].includes(name) && outcome === 'ok');
  return checks.map((one) => {
    const isAlternative = ['count', 'report'].includes(one.name) && isOk && isDenied(one);
    return isAlternative ? { ...one, ...warning(one.message) } : one;
  });
}

function isDenied({ outcome, code }: Check): boolean {
  return outcome === 'failure' && code === EXIT_CODE.permissionDenied;
}

async function examine(context: CheckContext, { permissions, commands, purpose }: Needed): Promise<Finding> {
  const { name, namespace } = context;
  const rules = rulesFor(permissions, name === undefined ? [] : [name]);
  const denied = (await Promise.all(rules.map((rule) => deniedVerbs(context, rule)))).flat();
  const where = ` in namespace "${namespace}"`;
  if (denied.length === 0) return ok(describeRules(rules) + where);
  const message = `cannot ${describeRules(denied)}${where}`;
  if (!isNeeded({ purpose }, context.purpose)) return warning(`${message}, which only ${commands} need`);
  return { outcome: 'failure', message: `${message}, needed for ${commands}`, code: EXIT_CODE.permissionDenied };
}

/** `get, list waitgroups "batch"; create waitgroups` */
function describeRules(rules: readonly Rule[]): string {
  return rules
    .map(
      ({ verbs, resource, resourceNames: [name] = [] }) => `${verbs.join(', ')} ${resource}${name ? ` "${name}"` : ''}`,
    )
    .join('; ');
}

function isNeeded({ purpose: least }: Pick<Needed, 'purpose'>, purpose: Purpose): boolean {
  return least !== undefined && PURPOSES.indexOf(least) <= PURPOSES.indexOf(purpose);
}

/** The rule with those verbs alone that are denied; none if all are allowed. */
async function deniedVerbs({ transport, namespace, limits }: CheckContext, rule: Rule): Promise<readonly Rule[]> {
  const [resource = '', subresource] = rule.resource.split('/');
  const request = { namespace, group: rule.apiGroup, resource, subresource, name: rule.resourceNames?.[0] };
  const allowed = await Promise.all(rule.verbs.map((verb) => isAllowed(transport, { ...request, verb }, limits)));
  const verbs = rule.verbs.filter((_, index) => !allowed[index]);
  return verbs.length > 0 ? [{ ...rule, verbs }] : [];
}
