// An install with every prop on a real API server, which accepts it, and an operator with permissions in only the namespace that
// it watches.
import { KonductorOperator } from '@konductor/cdk8s';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Manifest, pick, synth } from '../../cdk8s/synth.ts';
import { stopWithTest } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { kubectl, kubectlOutput } from '../../support/processes/kubectl.ts';
import { startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const access = inject('controlPlane');
const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' };

describe('an install for one namespace, with every prop', () => {
  let home: string;
  let watched: string;
  let manifests: Manifest[];

  beforeAll(async () => {
    home = await createNamespace(access, 'install', RESTRICTED);
    watched = await createNamespace(access, 'watched');
    const install = synth((scope) => {
      new KonductorOperator(scope, 'Operator', {
        ...{
          includeCrd: false,
          watchNamespace: watched,
          networkPolicy: { apiServerPorts: [443, 6443] },
          disruptionBudget: true,
        },
        resources: { requests: { cpu: '10m' }, limits: { memory: '128Mi' } },
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        tolerations: [{ operator: 'Exists' }],
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' },
        ],
        priorityClassName: 'system-cluster-critical',
      });
    });
    // Other tests install the cluster-scoped objects, too.
    const own = install.filter(({ kind }) => !['Namespace', 'ClusterRole'].includes(kind));
    manifests = JSON.parse(JSON.stringify(own).replaceAll('konductor-system', home));
  });

  it('is accepted by the API server, with its pod under the restricted standard', async () => {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
    const applied = await kubectl(access, ['apply', '--server-side', '--validate=strict', '-f', '-'], { input });
    expect(applied).toMatchObject({ code: 0, stderr: '' });
    const { spec } = pick(manifests, 'Deployment').spec.template;
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'operator', namespace: home }, spec };
    expect(await kubectl(access, ['create', '-f', '-'], { input: JSON.stringify(pod) })).toMatchObject({ stderr: '' });
  });

  it('completes WaitGroups there and deletes them after their TTL', async () => {
    const account = { namespace: home, serviceAccount: 'konductor-operator' };
    const kubeconfig = await serviceAccountKubeconfig(access, account);
    // It asks whether the namespace is being deleted: a Role allows that for its own namespace.
    const read = (name: string) => kubectl(access, ['get', 'namespace', name], { kubeconfig });
    expect(await read(watched)).toMatchObject({ code: 0 });
    expect(await read(home)).toMatchObject({ stderr: expect.stringContaining('(Forbidden)') });
    stopWithTest(await startOperator({ kubeconfig, args: [`--watch-namespace=${watched}`] }));
    const type = { apiVersion: 'konductor.io/v1', kind: 'WaitGroup' };
    const group = { ...type, metadata: { name: 'batch' }, spec: { ttl: '0s' } };
    const inNamespace = (...args: string[]) => [...args, '-n', watched];
    await kubectlOutput(access, inNamespace('create', '-f', '-'), { input: JSON.stringify(group) });
    const patch = ['patch', 'wg', 'batch', '--subresource=status', '--type=merge', '-p'];
    const status = { counter: 0, phase: 'Done', added: 1, completions: 1, addedAtCompletion: 1 };
    await kubectlOutput(access, inNamespace(...patch, JSON.stringify({ status })));
    const gone = async () => (await kubectl(access, inNamespace('get', 'wg', 'batch'))).stderr.includes('NotFound');
    expect(await eventually('the deletion', gone)).toBe(true);
  });
});
