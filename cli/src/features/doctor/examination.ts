// Runs all checks: without an API server only the first, otherwise all, whichever fails.
import type { Failure } from '../../failure/failure.ts';
import { examineApiServer, identify } from './api-server.ts';
import { type Check, type CheckContext, check, type Finding, ok } from './check.ts';
import { examineClock } from './clock.ts';
import { examineCrd } from './crd.ts';
import { examineOperator } from './operator.ts';
import { examinePermissions, PERMISSIONS } from './permissions.ts';

type Describe = (error: unknown) => Failure;

const API_SERVER = 'API server';

/** The only check when no connection is configured. */
export function unreachable({ code, line }: Failure): Check {
  return { name: API_SERVER, outcome: 'failure', message: line, code };
}

/** Runs the checks; returns them in the order of the output. */
export async function examine(context: CheckContext, describe: Describe): Promise<readonly Check[]> {
  const reachable = await check(API_SERVER, () => examineApiServer(context), describe);
  if (reachable.outcome === 'failure') return [reachable];
  const identity = identify(context);
  const user = await identity.then(({ username }) => username).catch(() => undefined);
  const examinations: Readonly<Record<string, () => Promise<Finding>>> = {
    identity: async () => ok(`authenticated as ${(await identity).username}`),
    clock: async () => examineClock(await identity),
    CRD: () => examineCrd(context),
    ...Object.fromEntries(
      Object.entries(PERMISSIONS).map(([name, permissions]) => [
        name,
        () => examinePermissions(context, permissions, user),
      ]),
    ),
    operator: () => examineOperator(context),
  };
  const checks = Object.entries(examinations).map(([name, make]) => check(name, make, describe));
  return [reachable, ...(await Promise.all(checks))];
}
