// Checks the admission policies of install.yaml, without which workers and counters are not protected from each other.
import { INSTALL } from '../../failure/failure.ts';
import { type CheckContext, type Finding, ok, warning } from './check.ts';
import { describeProblems, policyObjects, readInstalled } from './installed.ts';

const POLICIES = ['completion.konductor.io', 'tallies.konductor.io', 'workers.konductor.io'];
const CONSEQUENCE = 'accounts of workers can write more than their own work';

export async function examinePolicies(context: CheckContext): Promise<Finding> {
  const references = POLICIES.flatMap((name) => policyObjects('ValidatingAdmissionPolicy', name));
  const objects = await readInstalled(context, references);
  if (objects.some(({ state }) => state === 'forbidden'))
    return ok('the admission policies cannot be read (forbidden)');
  const problems = describeProblems(objects);
  if (problems !== undefined) return warning(`${problems}: ${CONSEQUENCE}`, `install them with ${INSTALL}`);
  return ok(`${POLICIES.slice(0, -1).join(', ')} and ${POLICIES.at(-1)} are enforced`);
}
