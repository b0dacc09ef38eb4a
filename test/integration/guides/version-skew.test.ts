// docs/guides/version-skew.md: this koncli and this operator beside a CRD that is newer, and beside one that is older.
import { join } from 'node:path';
import { connect, KubeTransport, WaitGroupApi } from '@konductor/client';
import { applyOperation, currentStatus, type WaitGroupStatus } from '@konductor/schema';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { installCrd } from '../../support/cluster/crd.ts';
import { stopWithTest } from '../../support/cluster/installed-operator.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { comparable, play, transcriptsOf } from '../../support/guides/transcripts.ts';
import { kubeconfigIn } from '../../support/processes/koncli-fixtures.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const MANIFESTS = join(import.meta.dirname, '../../../cdk8s/manifests');
const CRD_NAME = 'waitgroups.konductor.io';
const SCHEMA = '/spec/versions/0/schema/openAPIV3Schema';

// Of its own: what is installed in it changes.
let controlPlane: ControlPlane;
let namespace: string;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  await installOwnCrd();
  await cluster('apply', '--server-side', '-f', join(MANIFESTS, 'install.yaml'));
});
afterAll(() => controlPlane.stop());

beforeEach(async () => {
  namespace = await createGuideNamespace(controlPlane, 'jobs');
});

const cluster = (...args: string[]) => kubectlOutput(controlPlane, args);
const run = (...args: string[]) => cluster(...args, '-n', namespace);
const wg = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);
const crdLine = async () => /^\w+ +CRD .*$/m.exec((await koncli(['doctor'], controlPlane)).stdout)?.[0] ?? '';
const becomes = (text: string) => eventually(`a CRD that ${text}`, async () => (await crdLine()).includes(text));

async function installOwnCrd(): Promise<void> {
  await installCrd(controlPlane, '--force-conflicts');
  await becomes('match koncli');
}

async function patchSchema(
  ...changes: { op: 'add' | 'remove' | 'replace'; path: string; value?: object }[]
): Promise<void> {
  const patches = changes.map(({ path, ...change }) => ({ ...change, path: SCHEMA + path }));
  await cluster('patch', 'crd', CRD_NAME, '--type=json', '-p', JSON.stringify(patches));
}

/** As a later version might have it: a field that users set, and one that clients write when they count. */
async function installNewerCrd(): Promise<void> {
  const fields = ['spec', 'status'].map((part) => `/properties/${part}/properties/later`);
  await patchSchema(...fields.map((path) => ({ op: 'add' as const, path, value: { type: 'string' } })));
  await becomes('it differs at');
}

/** Without these fields, and without the rules that read them. */
async function installOlderCrd(...fields: readonly string[]): Promise<void> {
  const jsonPath = `jsonpath={${SCHEMA.replaceAll('/', '.').replace('.0.', '[0].')}.x-kubernetes-validations}`;
  const rules: { rule: string }[] = JSON.parse(await cluster('get', 'crd', CRD_NAME, '-o', jsonPath));
  const value = rules.filter(({ rule }) => !fields.some((field) => rule.includes(field)));
  await patchSchema(
    ...fields.map((field) => ({ op: 'remove' as const, path: `/properties/status/properties/${field}` })),
    { op: 'replace', path: '/x-kubernetes-validations', value },
  );
  await becomes('is older than');
}

/** A group with work outstanding, and with what a newer koncli has written. */
async function createLaterGroup(name: string): Promise<void> {
  await wg('create', name, '--ttl', '1h');
  await wg('add', name);
  const patch = (change: object, ...flags: string[]) =>
    run('patch', 'wg', name, '--type=merge', '-p', JSON.stringify(change), ...flags);
  await patch({ spec: { later: 'x' } });
  await patch({ status: { later: 'y' } }, '--subresource=status');
}

const laterFields = (name: string) =>
  run('get', 'wg', name, '-o', 'jsonpath={.spec.later}{.status.later} {.status.counter}');

const completedAt = (name: string) => run('get', 'wg', name, '-o', 'jsonpath={.status.completedAt}');

function startOperatorHere() {
  return startOperator({ kubeconfig: controlPlane.kubeconfig, args: [`--watch-namespace=${namespace}`] });
}

describe('the guide for versions shows what is really printed', () => {
  it('from its first block to its last', async () => {
    const kubeconfig = await kubeconfigIn(controlPlane, namespace);
    const [whatIsThere = '', newer = '', unknown = ''] = transcriptsOf('version-skew').flatMap(({ blocks }) => blocks);
    const check = async (block: string) =>
      expect.soft(comparable(await play(block, controlPlane, kubeconfig))).toBe(comparable(block));
    await check(whatIsThere);
    await check(unknown);
    await installNewerCrd();
    await check(newer);
    await installOwnCrd();
  });
});

describe('beside a newer CRD', () => {
  it('koncli and the operator leave alone what they do not know, and what an older CRD hid is lost by a write', async () => {
    await installNewerCrd();
    await createLaterGroup('written');
    await createLaterGroup('untouched');
    const operator = await startOperatorHere();
    await wg('add', 'written');
    await wg('done', 'written', '--delta', '2');
    await eventually('the completion', () => completedAt('written'));
    await operator.stop();
    expect(await laterFields('written')).toBe('xy 0');

    await installOwnCrd();
    expect(await laterFields('untouched')).toBe(' 1');
    await wg('add', 'written');
    await installNewerCrd();
    expect([await laterFields('written'), await laterFields('untouched')]).toEqual([' 1', 'xy 1']);
    await installOwnCrd();
  });
});

/** Counts as a client does that knows no outcome: it writes back as it was read what belongs to it. */
async function countAsOlderClient(name: string, delta: number): Promise<WaitGroupStatus> {
  const transport = new KubeTransport(await connect({ kubeconfig: controlPlane.kubeconfig, env: {} }));
  const api = new WaitGroupApi(transport, 'older');
  try {
    const base = await api.get(namespace, name);
    const { status: next } = applyOperation(base, { id: `older-${delta}`, by: 'older', deltas: [delta] }, new Date());
    const { counter, phase, conditions = [], ...totals } = { ...currentStatus(base), ...next };
    const { added, completions, addedAtCompletion, recentOperations } = totals;
    const counted = { counter, phase, added, completions, addedAtCompletion, recentOperations };
    const others = currentStatus(base).conditions?.filter(({ type }) => type !== 'Done') ?? [];
    const done = conditions.filter(({ type }) => type === 'Done');
    const status = { ...currentStatus(base), ...counted, conditions: [...others, ...done] } as WaitGroupStatus;
    return currentStatus(await api.updateStatus(base, status));
  } finally {
    transport.close();
  }
}

describe('a client that does not know outcomes', () => {
  it('marks work done, and cannot begin a round after one that is decided', async () => {
    await wg('create', 'plain', '--initial-count', '2');
    expect(await countAsOlderClient('plain', -1)).toMatchObject({ counter: 1 });
    expect(await countAsOlderClient('plain', -1)).not.toHaveProperty('outcome');
    const operator = await startOperatorHere();
    await eventually('the outcome', () => run('get', 'wg', 'plain', '-o', 'jsonpath={.status.outcome}'));
    await operator.stop();
    await expect(countAsOlderClient('plain', 1)).rejects.toThrow('status.outcome can be Succeeded only while');

    await wg('create', 'failed', '--initial-count', '2');
    await wg('fail', 'failed', '--message', 'no space left');
    expect(await countAsOlderClient('failed', -1)).toMatchObject({ counter: 0, outcome: 'Failed', failures: 1 });
    await expect(countAsOlderClient('failed', 1)).rejects.toThrow('together with a larger status.failures');
    expect(await wg('add', 'failed')).toMatchObject({ code: 0 });
  });
});

describe('beside an older CRD', () => {
  it('koncli reads and waits but does not count, and the operator catches up after the upgrade', async () => {
    await wg('create', 'busy', '--initial-count', '1');
    await wg('create', 'through', '--initial-count', '1', '--ttl', '1h');
    await wg('done', 'through');
    await installOlderCrd('recentOperations', 'completedAt');
    expect(await wg('done', 'busy')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('unknown field "status.recentOperations"'),
    });
    expect(await wg('get', 'busy')).toMatchObject({ code: 0 });
    expect(await wg('wait', 'through')).toMatchObject({ code: 0 });
    expect(await wg('wait', 'busy', '--timeout', '0')).toMatchObject({ code: 3 });

    const operator = await startOperatorHere();
    const complains = () =>
      operator.log.some(({ level, err }) => level === 'warn' && JSON.stringify(err).includes('unknown field'));
    await eventually('its complaint', complains);
    expect(await completedAt('through')).toBe('');
    await installOwnCrd();
    await eventually('the completion', () => completedAt('through'));
    await eventually(
      'the initial status',
      async () => (await run('get', 'wg', 'busy', '-o', 'jsonpath={.status.counter}')) === '1',
    );
    await operator.stop();
  });

  it('the operator counts no worker in part, says what to do, and counts each once after the upgrade', async () => {
    await wg('create', 'busy');
    await installOlderCrd('workers');
    const adding = wg('add', 'busy', '--worker', 'one', '--timeout', '2m');
    const operator = stopWithTest(await startOperatorHere());
    const hint = 'the CRD is older than the operator: apply cdk8s/manifests/crd.yaml';
    await eventually('its hint', () => operator.log.some((line) => line.level === 'warn' && line.hint === hint));
    expect(await run('get', 'wg', 'busy', '-o', 'jsonpath={.status}')).toBe('');
    await installOwnCrd();
    expect(await adding).toMatchObject({ code: 0 });
    expect(await run('get', 'wg', 'busy', '-o', 'jsonpath={.status.counter} {.status.added}')).toBe('1 1');
  });
});
