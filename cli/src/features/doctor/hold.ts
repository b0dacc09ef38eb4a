// Checks whether the operator can let go what waits by label, and no more: what hold.yaml installs, which is optional.
import { type CheckContext, type Finding, ok, warning } from './check.ts';
import { describeProblems, type Installed, policyObjects, readInstalled } from './installed.ts';

/** The command that installs it for the whole cluster. */
export const INSTALL_HOLD = 'kubectl apply --server-side -f cdk8s/manifests/hold.yaml';

const ADVICE_FOR_NAMESPACE =
  'apply hold-namespace.yaml; a cluster administrator adds the policies with KonductorHold of cdk8s (watchNamespace)';
const RBAC = 'rbac.authorization.k8s.io/v1';
const ROLE = 'konductor-operator-hold';
const POLICY = 'hold.konductor.io';

/** What one installation consists of. */
interface Parts {
  readonly permissions: readonly Installed[];
  readonly bounds: readonly Installed[];
  /** Kubernetes 1.36 or later. */
  readonly mutations: readonly Installed[];
}

/** That of the cluster, or else that of an operator for the namespace alone. */
export async function examineHold(context: CheckContext): Promise<Finding> {
  const ofCluster = await readParts(context);
  if (isAny(ofCluster, 'found')) return describe(ofCluster, 'for the cluster', `apply all of it: ${INSTALL_HOLD}`);
  const ofNamespace = await readParts(context, context.namespace);
  if (isAny(ofNamespace, 'found'))
    return describe(ofNamespace, `for namespace "${context.namespace}"`, ADVICE_FOR_NAMESPACE);
  if (isAny(ofCluster, 'forbidden')) return ok('whether hold.yaml is installed cannot be read (forbidden)');
  return ok(
    `not installed: the operator lets no Job and no pod with the label konductor.io/after go; if there are any, run ${INSTALL_HOLD}`,
  );
}

async function readParts(context: CheckContext, namespace?: string): Promise<Parts> {
  const prefix = namespace === undefined ? '' : `${namespace}.`;
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  const roles = [kind, `${kind}Binding`].map((kind) => ({ apiVersion: RBAC, kind, name: ROLE, namespace }));
  const mutating = ['jobs', 'pods'].map((of) => policyObjects('MutatingAdmissionPolicy', `${of}.${prefix}${POLICY}`));
  const [permissions, bounds, mutations] = await Promise.all([
    readInstalled(context, roles),
    readInstalled(context, policyObjects('ValidatingAdmissionPolicy', `${prefix}${POLICY}`)),
    readInstalled(context, mutating.flat()),
  ]);
  return { permissions, bounds, mutations };
}

function describe({ permissions, bounds, mutations }: Parts, where: string, advice: string): Finding {
  const isHeldByLabel = mutations.some(({ state }) => state === 'found');
  const problems = describeProblems([...permissions, ...bounds, ...(isHeldByLabel ? mutations : [])]);
  if (problems !== undefined) return warning(`${problems}: ${consequence(permissions, bounds)}`, advice);
  const how = isHeldByLabel
    ? 'the label konductor.io/after holds Jobs and pods'
    : 'Jobs set spec.suspend, and pods the scheduling gate konductor.io/after';
  return ok(`installed ${where}: ${how}, and the operator lets them go`);
}

function consequence(permissions: readonly Installed[], bounds: readonly Installed[]): string {
  const isMissing = ({ state }: Installed) => state === 'notFound';
  if (permissions.some(isMissing)) return 'the operator lets nothing go';
  return bounds.some(isMissing)
    ? 'the operator can change everything in Jobs and pods'
    : 'it may not work as this koncli expects';
}

function isAny({ permissions, bounds, mutations }: Parts, wanted: Installed['state']): boolean {
  return [...permissions, ...bounds, ...mutations].some(({ state }) => state === wanted);
}
