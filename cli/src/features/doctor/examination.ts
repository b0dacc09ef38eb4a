// Runs all checks: without an API server only the first, otherwise all, whichever fails.
import { reviewSelf } from '@konductor/client';
import type { Failure } from '../../failure/failure.ts';
import { EXIT_CODE } from '../../process/exit-code.ts';
import { examineApiServer } from './api-server.ts';
import { type Check, type CheckContext, type CheckName, check, type Finding, ok } from './check.ts';
import { examineClock } from './clock.ts';
import { examineCrd } from './crd.ts';
import { examineHold } from './hold.ts';
import { examineNamespace } from './namespace.ts';
import { examineOperator } from './operator.ts';
import { examinePermissions } from './permissions.ts';
import { examinePolicies } from './policies.ts';

type Describe = (error: unknown) => Failure;

const API_SERVER = 'API server';

/** The only check when no connection is configured. */
export function unreachable({ code, line }: Failure): Check {
  return { name: API_SERVER, outcome: 'failure', message: line, code };
}

/** The messages of other failures include it. */
function withAdvice(reachable: Check): Check {
  if (reachable.code !== EXIT_CODE.unavailable) return reachable;
  return {
    ...reachable,
    advice:
      'check the address in the kubeconfig, the network (VPN, firewall, proxy), and that the API server is running',
  };
}

/** Runs the checks; returns them in the order of the output. */
export async function examine(context: CheckContext, describe: Describe): Promise<readonly Check[]> {
  const reachable = await check(API_SERVER, () => examineApiServer(context), describe);
  if (reachable.outcome === 'failure') return [withAdvice(reachable)];
  const identity = reviewSelf(context.transport, context.limits);
  const user = await identity.then(({ username }) => username).catch(() => undefined);
  const examinations: readonly (readonly [CheckName, () => Promise<Finding>])[] = [
    ['identity', async () => ok(`authenticated as ${(await identity).username}`)],
    ['clock', () => examineClock(context)],
    ['CRD', () => examineCrd(context)],
    ['policies', () => examinePolicies(context)],
    ['hold', () => examineHold(context)],
    ['namespace', () => examineNamespace(context)],
  ];
  const checks = examinations.map(([name, make]) => check(name, make, describe));
  const all = [
    ...checks,
    examinePermissions(context, user, describe),
    check('operator', () => examineOperator(context), describe),
  ];
  return [reachable, ...(await Promise.all(all)).flat()];
}
