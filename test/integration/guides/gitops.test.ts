// docs/guides/gitops.md: what GitOps tools make of WaitGroups as koncli and the operator write them, by the tools' own code.
import { KONCLI_IMAGE } from '@konductor/cdk8s';
import type { WaitGroupClient } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { openClient } from '../../support/cluster/client-access.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { areGranted } from '../../support/cluster/permissions.ts';
import { codeBlocks } from '../../support/guides/code-blocks.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { tablesOf } from '../../support/guides/tables.ts';
import { useKonductorFolder } from '../../support/pods/konductor-image.ts';
import { codesOf, startPod } from '../../support/pods/pod-runner.ts';
import { gitopsVerdicts, type HealthChecks } from '../../support/processes/gitops.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const HEALTH = 'resource.customizations.health.konductor.io_WaitGroup';
const FAIL = 'fail --reason DiskFull --message full';

const manifestsOf = (guide: string) =>
  codeBlocks().filter(({ name, language }) => name.startsWith(`docs/guides/${guide}.md`) && language === 'yaml');
const [kustomization = '', argocdCm = '', waitingJob = ''] = manifestsOf('gitops').map(({ code }) => code);
const waiterRole = manifestsOf('rbac').find(({ code }) => code.includes('nightly-waiter'))?.code ?? '';
const checks: HealthChecks = {
  healthLua: parse(argocdCm).data[HEALTH],
  healthCheckExprs: parse(kustomization).spec.healthCheckExprs[0],
};

let namespace: string;

beforeEach(async () => {
  namespace = await createGuideNamespace(controlPlane, 'gitops');
});

const get = (name: string) => kubectlJson<WaitGroup>(controlPlane, ['get', 'waitgroup', name, '-n', namespace]);
const patch = (name: string, change: object) =>
  kubectlOutput(controlPlane, ['patch', 'wg', name, '-n', namespace, '--type=merge', '-p', JSON.stringify(change)]);

const create = (input: string) =>
  kubectlOutput(controlPlane, ['create', '--validate=strict', '-n', namespace, '-f', '-'], { input });

const UNSEEN = 'changed, and the operator has not seen it yet';
/** The rows of the guide's table, and the commands of koncli that lead to each. */
const STATES: Readonly<Record<string, readonly string[]>> = {
  'nothing was added yet': ['create'],
  waiting: ['create', 'add --delta 2'],
  succeeded: ['create', 'add --delta 2', 'done --delta 2'],
  // By the operator.
  'failed, work outstanding': ['create --deadline 1ms', 'add --delta 2', 'wait'],
  'failed, counter zero': ['create', 'add', FAIL],
  'in the next round after a failure': ['create', 'add', FAIL, 'add --delta 2'],
  [UNSEEN]: ['create', 'add --delta 2'],
};

/** A group in each state, once the operator has seen it. */
async function groupsInEachState(): Promise<WaitGroup[]> {
  const operator = await startOperatorIn(namespace, await installOperator(controlPlane));
  const groups = Object.entries(STATES).map(async ([state, commands], index) => {
    const name = `group-${index}`;
    for (const command of commands) {
      const [verb = '', ...flags] = command.split(' ');
      await koncli(['waitgroup', verb, name, ...flags, '-n', namespace], controlPlane);
    }
    await eventually(`the operator’s reaction to ${name}`, async () => isObserved(await get(name)));
    return { name, state };
  });
  const named = await Promise.all(groups);
  await operator.stop();
  const unseen = named.find(({ state }) => state === UNSEEN)?.name ?? '';
  await patch(unseen, { spec: { ttl: '1h' } });
  return Promise.all(named.map(({ name }) => get(name)));
}

const isObserved = ({ metadata, status }: WaitGroup) => status?.observedGeneration === metadata.generation;

describe('the guide for GitOps', () => {
  it('has a table of what tools make of each state', async () => {
    const verdicts = await gitopsVerdicts(await groupsInEachState(), checks);
    const states = Object.keys(STATES);
    const found = verdicts.map(({ kstatus, argoCd, flux }, index) => [
      states[index],
      ...[kstatus, argoCd, flux].map(({ status }) => status),
    ]);
    expect(found).toEqual(tablesOf('gitops')[0]?.slice(1));
    const messages = verdicts.map(({ kstatus, argoCd }) => [kstatus.message, argoCd.message]);
    expect(messages.slice(0, -1)).toEqual([
      ['Resource is current', 'Done'],
      ['Resource is current', '2 outstanding'],
      ['Resource is current', 'Done'],
      [
        expect.stringMatching(/^Work was outstanding/),
        expect.stringMatching(/^DeadlineExceeded: Work was outstanding/),
      ],
      ['full', 'DiskFull: full'],
      ['Resource is current', '2 outstanding'],
    ]);
  });

  it('has checks for a group that nobody has written to, and for one that is being deleted', async () => {
    await koncli(['waitgroup', 'create', 'nightly', '-n', namespace], controlPlane);
    const created = await get('nightly');
    await patch('nightly', { metadata: { finalizers: ['example.com/kept'] } });
    await koncli(['waitgroup', 'delete', 'nightly', '-n', namespace], controlPlane);
    const [unwritten, deleted] = await gitopsVerdicts([created, await get('nightly')], checks);
    await patch('nightly', { metadata: { finalizers: null } });
    expect(unwritten).toMatchObject({ kstatus: { status: 'Current' }, argoCd: { status: 'Healthy' } });
    expect(unwritten?.flux.status).not.toBe('Current');
    expect(deleted?.kstatus.status).toBe('Terminating');
  });
});

describe('the Job of the guide for GitOps', () => {
  const konductor = useKonductorFolder();

  it.each([
    ['succeeds when the work is done', (client: WaitGroupClient) => client.done('nightly', 3), /^wait 0$/],
    [
      'fails when the round fails',
      (client: WaitGroupClient) => client.fail('nightly', { message: 'no space left' }),
      /^wait 6: .*no space left/s,
    ],
  ])('%s', async (_what, end, code) => {
    const client = await openClient({ kubeconfig: controlPlane.kubeconfig, namespace });
    await create(waitingJob);
    await create(waiterRole);
    const rules = [
      { apiGroups: ['konductor.io'], resources: ['waitgroups'], resourceNames: ['nightly'], verbs: ['list', 'watch'] },
    ];
    await areGranted(controlPlane, { user: `system:serviceaccount:${namespace}:nightly-waiter`, namespace, rules });
    await client.create({ name: 'nightly', spec: {} });
    await client.add('nightly', 3);
    const images = { [KONCLI_IMAGE]: { konductor } };
    const pod = await startPod(controlPlane, parse(waitingJob).spec.template, { namespace, images });
    await end(client);
    expect(await codesOf([pod])).toEqual([expect.stringMatching(code)]);
  });
});
