// The order of the checks: without an API server there is nothing to check, and all else goes on whatever fails.
import type { Failure } from '../failure/failure.ts';
import { examineApiServer, type Identity, identify } from './api-server.ts';
import { type Check, check, type Finding, ok, type Patient } from './check.ts';
import { examineClock } from './clock.ts';
import { examineCrd } from './crd.ts';
import { examineOperator } from './operator.ts';
import { examineRights, RIGHTS } from './rights.ts';

type Describe = (error: unknown) => Failure;

const API_SERVER = 'API server';

/** The one check where there is not even a way to the API server. */
export function unreachable({ code, line }: Failure): Check {
  return { name: API_SERVER, outcome: 'failure', message: line, code };
}

/** All checks, in the order in which they are shown. */
export async function examine(patient: Patient, describe: Describe): Promise<readonly Check[]> {
  const reachable = await check(API_SERVER, () => examineApiServer(patient), describe);
  if (reachable.outcome === 'failure') return [reachable];
  const identity = identify(patient);
  const user = await identity.then(({ username }) => username).catch(() => undefined);
  const examinations: Readonly<Record<string, () => Promise<Finding>>> = {
    identity: async () => ok(`you are ${(await identity).username}`),
    clock: async () => examineClock(await identity),
    CRD: () => examineCrd(patient),
    ...rightsExaminations(patient, user),
    operator: () => examineOperator(patient),
  };
  const checks = Object.entries(examinations).map(([name, make]) => check(name, make, describe));
  return [reachable, ...(await Promise.all(checks))];
}

function rightsExaminations(patient: Patient, user: Identity['username'] | undefined) {
  const examinations = Object.entries(RIGHTS).map(([name, rights]) => [
    name,
    () => examineRights(patient, rights, user),
  ]);
  return Object.fromEntries(examinations) as Readonly<Record<string, () => Promise<Finding>>>;
}
