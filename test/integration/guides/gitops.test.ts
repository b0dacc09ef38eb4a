// docs/guides/gitops.md: what GitOps tools make of WaitGroups as the SDK and the operator write them, by the tools' own code.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WaitGroupClient } from '@konductor/client';
import type { WaitGroup } from '@konductor/schema';
import { beforeEach, describe, expect, inject, it } from 'vitest';
import { parse } from 'yaml';
import { openClient } from '../../support/cluster/client-access.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { codeBlocks } from '../../support/guides/code-blocks.ts';
import { gitopsVerdicts, type HealthChecks } from '../../support/processes/gitops.ts';
import { kubectlJson, kubectlOutput } from '../../support/processes/kubectl.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const GUIDE = join(import.meta.dirname, '../../../docs/guides/gitops.md');
const controlPlane = inject('controlPlane');
const HEALTH = 'resource.customizations.health.konductor.io_WaitGroup';
const FAILURE = { reason: 'DiskFull', message: 'no space left' };

const [kustomization = '', argocdCm = ''] = codeBlocks()
  .filter(({ name, language }) => name.startsWith('docs/guides/gitops.md') && language === 'yaml')
  .map(({ code }) => code);
const checks: HealthChecks = {
  healthLua: parse(argocdCm).data[HEALTH],
  healthCheckExprs: parse(kustomization).spec.healthCheckExprs[0],
};

let namespace: string;
let client: WaitGroupClient;

beforeEach(async () => {
  namespace = await createNamespace(controlPlane, 'gitops');
  client = await openClient({ kubeconfig: controlPlane.kubeconfig, namespace });
});

const get = (name: string) => kubectlJson<WaitGroup>(controlPlane, ['get', 'waitgroup', name, '-n', namespace]);
const patch = (name: string, change: object) =>
  kubectlOutput(controlPlane, ['patch', 'wg', name, '-n', namespace, '--type=merge', '-p', JSON.stringify(change)]);

const UNSEEN = 'changed, and the operator has not seen it yet';
/** The rows of the guide's table, and what leads to each. */
const STATES: Readonly<Record<string, readonly (number | 'fail')[]>> = {
  'nothing was added yet': [],
  waiting: [2],
  succeeded: [2, -2],
  'failed, work outstanding': [2, 'fail'],
  'failed, counter zero': [1, 'fail'],
  'in the next round after a failure': [1, 'fail', 2],
  [UNSEEN]: [2],
};

/** A group in each state, once the operator has seen it. */
async function groupsInEachState(): Promise<WaitGroup[]> {
  const operator = await startOperatorIn(namespace, await installOperator(controlPlane));
  const groups = Object.entries(STATES).map(async ([state, steps], index) => {
    const name = `group-${index}`;
    await client.create({ name, spec: {} });
    for (const step of steps) await (step === 'fail' ? client.fail(name, FAILURE) : client.add(name, step));
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

/** Those of the guide's first table, without its head. */
function tableRows(): string[][] {
  const lines = readFileSync(GUIDE, 'utf8').split('\n');
  const rows = lines.filter((line) => line.startsWith('|')).slice(2);
  return rows.map((row) =>
    row
      .replaceAll('`', '')
      .split(/ *\| */)
      .slice(1, -1),
  );
}

describe('the guide for GitOps', () => {
  it('has a table of what tools make of each state', async () => {
    const verdicts = await gitopsVerdicts(await groupsInEachState(), checks);
    const states = Object.keys(STATES);
    const found = verdicts.map(({ kstatus, argoCd, flux }, index) => [
      states[index],
      ...[kstatus, argoCd, flux].map(({ status }) => status),
    ]);
    expect(found).toEqual(tableRows());
    const messages = verdicts.map(({ kstatus, argoCd }) => [kstatus.message, argoCd.message]);
    expect(messages.slice(0, -1)).toEqual([
      ['Resource is current', 'Done'],
      ['Resource is current', '2 outstanding'],
      ['Resource is current', 'Done'],
      ['no space left', 'DiskFull: no space left'],
      ['no space left', 'DiskFull: no space left'],
      ['Resource is current', '2 outstanding'],
    ]);
  });

  it('has checks for a group that nobody has written to, and for one that is being deleted', async () => {
    const created = await client.create({ name: 'nightly', spec: {} });
    await patch('nightly', { metadata: { finalizers: ['example.com/kept'] } });
    await client.delete('nightly');
    const [unwritten, deleted] = await gitopsVerdicts([created, await get('nightly')], checks);
    await patch('nightly', { metadata: { finalizers: null } });
    expect(unwritten).toMatchObject({ kstatus: { status: 'Current' }, argoCd: { status: 'Healthy' } });
    expect(unwritten?.flux.status).not.toBe('Current');
    expect(deleted?.kstatus.status).toBe('Terminating');
  });
});
