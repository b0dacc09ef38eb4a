import {
  KonductorHold,
  type KonductorHoldProps,
  KonductorOperator,
  type KonductorOperatorProps,
} from '@konductor/cdk8s';
import { describe, expect, it } from 'vitest';
import { type Manifest, pick, synth } from '../synth.ts';

const hold = (props?: KonductorHoldProps) => synth((scope) => new KonductorHold(scope, 'Hold', props));
const install = (props: KonductorOperatorProps) => synth((scope) => new KonductorOperator(scope, 'Operator', props));
const identity = ({ kind, metadata }: Manifest) =>
  `${kind} ${[metadata.namespace, metadata.name].filter(Boolean).join('/')}`;
const VALIDATES = 'ValidatingAdmissionPolicy';
const accountOf = (manifests: Manifest[], policy: string) =>
  pick(manifests, VALIDATES, policy).spec.matchConditions[0].expression;

describe('KonductorHold', () => {
  it('bounds the account that gets the permissions', () => {
    const manifests = hold();
    const { namespace, name } = pick(manifests, 'ClusterRoleBinding').subjects[0];
    const username = `system:serviceaccount:${namespace}:${name}`;
    expect(username).toBe('system:serviceaccount:konductor-system:konductor-operator');
    expect(accountOf(manifests, 'hold.konductor.io')).toBe(`request.userInfo.username == '${username}'`);
  });

  it('grants and bounds another account, in one namespace, with names of their own', () => {
    const manifests = hold({ operatorNamespace: 'home', serviceAccountName: 'op', watchNamespace: 'team' });
    expect(manifests.map(identity)).toEqual([
      'Role team/konductor-operator-hold',
      'RoleBinding team/konductor-operator-hold',
      'ValidatingAdmissionPolicy team.hold.konductor.io',
      'ValidatingAdmissionPolicyBinding team.hold.konductor.io',
      'MutatingAdmissionPolicy jobs.team.hold.konductor.io',
      'MutatingAdmissionPolicyBinding jobs.team.hold.konductor.io',
      'MutatingAdmissionPolicy pods.team.hold.konductor.io',
      'MutatingAdmissionPolicyBinding pods.team.hold.konductor.io',
    ]);
    expect(pick(manifests, 'RoleBinding').subjects).toEqual([
      { kind: 'ServiceAccount', name: 'op', namespace: 'home' },
    ]);
    expect(accountOf(manifests, 'team.hold.konductor.io')).toContain("'system:serviceaccount:home:op'");
    const { matchResources } = pick(manifests, 'MutatingAdmissionPolicyBinding', 'pods.team.hold.konductor.io').spec;
    expect(matchResources.namespaceSelector).toEqual({ matchLabels: { 'kubernetes.io/metadata.name': 'team' } });
  });

  it('can leave the holding to the workloads, for clusters without MutatingAdmissionPolicy', () => {
    expect(hold({ mutate: false })).toEqual(hold().filter(({ kind }) => !kind.startsWith('Mutating')));
  });

  it.each<[KonductorHoldProps, string]>([
    [{ operatorNamespace: 'My_Team' }, 'operatorNamespace "My_Team" is not a DNS label'],
    [{ watchNamespace: '' }, 'watchNamespace "" is not a DNS label'],
    [{ serviceAccountName: "a'b" }, 'serviceAccountName "a\'b" is not a valid name of a ServiceAccount'],
  ])('rejects %j', (props, sentence) => {
    expect(() => hold(props)).toThrow(`KonductorHold test/Hold: ${sentence}`);
  });
});

describe('KonductorOperator', () => {
  const added = (props: KonductorOperatorProps) => {
    const plain = install({ ...props, hold: undefined } as KonductorOperatorProps).map(identity);
    return install(props).filter((object) => !plain.includes(identity(object)));
  };

  it('with hold contains what KonductorHold does', () => {
    expect(added({ hold: {} })).toEqual(hold());
    expect(added({ hold: { mutate: false } })).toEqual(hold({ mutate: false }));
    expect(added({ hold: {}, watchNamespace: 'team' })).toEqual(hold({ watchNamespace: 'team' }));
  });

  it('of its own namespace only contains the permissions, because policies are objects of the cluster', () => {
    expect(added({ hold: {}, ownNamespaceOnly: true }).map(identity)).toEqual([
      'Role konductor-operator-hold',
      'RoleBinding konductor-operator-hold',
    ]);
    expect(() => install({ hold: { mutate: true }, ownNamespaceOnly: true })).toThrow(
      'hold.mutate needs policies of the',
    );
  });

  it('releases nothing by default', () => {
    const kinds = install({}).filter(({ metadata }) => /\bhold\b/.test(metadata.name));
    expect(kinds).toEqual([]);
  });
});
