// docs/guides/troubleshooting.md: each of its cases reproduced on a real API server, with the real output of koncli and kubectl.
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { type FaultProxy, startFaultProxy } from '../../faults/fault-proxy.ts';
import { openClient } from '../../support/cluster/client-access.ts';
import { installCrd } from '../../support/cluster/crd.ts';
import { serviceAccountKubeconfig } from '../../support/cluster/tokens.ts';
import { createGuideNamespace } from '../../support/guides/guide-namespace.ts';
import { comparable, play, transcriptsOf } from '../../support/guides/transcripts.ts';
import { kubeconfigIn, kubeconfigOfNobody } from '../../support/processes/koncli-fixtures.ts';
import { koncli } from '../../support/processes/koncli-process.ts';
import { kubectlOutput } from '../../support/processes/kubectl.ts';
import { startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const MANIFESTS = join(import.meta.dirname, '../../../cdk8s/manifests');
const CRD_NAME = 'waitgroups.konductor.io';
const MINUTE_MS = 60_000;
const RFC3339 = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

// Of its own: what is installed in it changes.
let controlPlane: ControlPlane;
let namespace: string;
/** Between koncli and the API server where a case needs it. */
let proxy: FaultProxy;
/** What the guide's reader works by, and what happens before the second block. */
let kubeconfig: string;
let next: () => unknown;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  await installCrd(controlPlane);
  await cluster('apply', '--server-side', '-f', join(MANIFESTS, 'install.yaml'));
  await setReadyOperators(1);
  await doctorSays('match koncli');
});
afterAll(() => controlPlane.stop());

beforeEach(async () => {
  namespace = await createGuideNamespace(controlPlane, 'jobs');
  proxy = await startFaultProxy(controlPlane, namespace);
  kubeconfig = await kubeconfigIn(controlPlane, namespace);
  next = () => undefined;
});

const cluster = (...args: string[]) => kubectlOutput(controlPlane, args);
const run = (...args: string[]) => cluster(...args, '-n', namespace);
const patch = (what: string[], change: object | object[], ...flags: string[]) =>
  run('patch', ...what, `--type=${Array.isArray(change) ? 'json' : 'merge'}`, '-p', JSON.stringify(change), ...flags);
const wg = (...args: string[]) => koncli(['wg', ...args, '-n', namespace], controlPlane);
const clientOf = (by: string) => openClient({ kubeconfig: controlPlane.kubeconfig, namespace, by });
const create = (...flags: string[]) => wg('create', 'nightly', ...flags);

const cases: Readonly<Record<string, () => Promise<unknown>>> = {
  'Where to start': () => create(),
  'The counter stays above zero': async () => {
    const operator = await startOperatorHere();
    await create('--ttl', '1h');
    await (await clientOf('coordinator')).add('nightly', 3);
    for (const worker of ['worker-2', 'worker-5']) await (await clientOf(worker)).done('nightly');
    await createWorkers();
    const seen = () => run('get', 'wg', 'nightly', '-o', 'jsonpath={.status.observedGeneration}');
    await eventually('the operator’s look', seen);
    await operator.stop();
    await readLater(42 * MINUTE_MS);
    next = () => proxy.otherwise(() => undefined);
  },
  'A wait timed out (exit code 3)': async () => {
    await create();
    await wg('add', 'nightly', '--delta', '3');
    await wg('done', 'nightly');
  },
  'The WaitGroup has failed (exit code 6)': async () => {
    await create('--initial-count', '3', '--ttl', '1h');
    await (await clientOf('worker-7')).fail('nightly', { reason: 'DiskFull', message: 'no space left on device' });
  },
  'A wait returned too early': () => create(),
  '"would take it below zero" (exit code 1)': async () => {
    await create('--initial-count', '1');
    await (await clientOf('worker-2')).done('nightly');
  },
  '"belong to workers with an identity" (exit code 1)': async () => {
    const operator = await startOperatorHere();
    onTestFinished(async () => void (await operator.stop()));
    await create();
  },
  'Recorded, but not yet counted (exit code 3)': () => create(),
  '"not found" (exit code 2)': async () => {
    const operator = await startOperatorHere();
    await create('--initial-count', '1', '--ttl', '1s');
    await wg('done', 'nightly');
    await eventually('its end', () => run('get', 'events', '--field-selector=reason=Expired', '-o', 'name'));
    await operator.stop();
  },
  '"was deleted" (exit code 2)': async () => {
    await create('--initial-count', '2');
    const isWatched = () => proxy.requests.includes('GET watch');
    void eventually('the wait', isWatched).then(() => wg('delete', 'nightly'));
    await goThroughProxy();
  },
  'The deletion does not finish': async () => {
    await create('--initial-count', '2');
    const setFinalizers = (finalizers: string[]) => patch(['wg', 'nightly'], { metadata: { finalizers } });
    await setFinalizers(['example.com/backup']);
    await wg('delete', 'nightly');
    onTestFinished(async () => void (await setFinalizers([])));
  },
  'The namespace is being deleted': () => cluster('delete', 'namespace', namespace, '--wait=false'),
  'Forbidden (exit code 4)': async () => {
    await create('--initial-count', '2');
    kubeconfig = await serviceAccountKubeconfig(controlPlane, { namespace, serviceAccount: 'worker' });
  },
  'The operator is not running': async () => {
    const operator = await startOperatorHere();
    await create('--ttl', '30m', '--initial-count', '1');
    await (await clientOf('worker-2')).done('nightly');
    const completedAt = () => run('get', 'wg', 'nightly', '-o', 'jsonpath={.status.completedAt}');
    await eventually('the completion', completedAt);
    await operator.stop();
    await setReadyOperators(0);
    onTestFinished(() => setReadyOperators(1));
    await readLater(120 * MINUTE_MS);
  },
  'The API server is unavailable (exit code 5)': async () => {
    kubeconfig = await kubeconfigOfNobody(controlPlane);
  },
  'The outcome is unknown (exit code 5)': async () => {
    await create('--initial-count', '2');
    proxy.onWrite(async (request) => {
      await request.forward();
      proxy.refuseConnections();
    });
    await goThroughProxy();
    next = () => proxy.acceptConnections();
  },
  'The CRD is missing': async () => {
    await cluster('delete', 'crd', CRD_NAME, 'waitgroupworkers.konductor.io');
    await doctorSays('does not serve WaitGroups');
  },
  'The CRD has another version': async () => {
    await installCrd(controlPlane);
    await create('--initial-count', '2');
    const path = '/spec/versions/0/schema/openAPIV3Schema/properties/status/properties/recentOperations';
    await patch(['crd', CRD_NAME], [{ op: 'remove', path }]);
    await doctorSays('is older than');
  },
  'The pod does not start, or has no koncli': async () => {
    await installCrd(controlPlane, '--force-conflicts');
    await create('--initial-count', '3');
    await readLater(5 * MINUTE_MS);
  },
};

/** What is served follows the CRD in a moment. */
function doctorSays(text: string): Promise<boolean> {
  const says = async () => (await koncli(['doctor'], controlPlane)).stdout.includes(text);
  return eventually(`doctor’s “${text}”`, says);
}

const startOperatorHere = () =>
  startOperator({ kubeconfig: controlPlane.kubeconfig, args: [`--watch-namespace=${namespace}`] });

/** No node runs its pods. */
async function setReadyOperators(readyReplicas: number): Promise<void> {
  const change = JSON.stringify({ status: { replicas: 1, readyReplicas } });
  const deployment = ['deployment', 'konductor-operator', '-n', 'konductor-system'];
  await cluster('patch', ...deployment, '--subresource=status', '--type=merge', '-p', change);
}

/** As they are after a while: two through, one evicted. */
async function createWorkers(): Promise<void> {
  const terminated = { exitCode: 0, reason: 'Completed' };
  const container = { name: 'work', image: 'work', imageID: '', ready: false, restartCount: 0, state: { terminated } };
  const through = { phase: 'Succeeded', containerStatuses: [container] };
  const states = { 'worker-2': through, 'worker-5': through, 'worker-7': { phase: 'Failed', reason: 'Evicted' } };
  for (const [name, status] of Object.entries(states)) {
    const spec = { containers: [{ name: 'work', image: 'work' }] };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: 'worker' } }, spec };
    await kubectlOutput(controlPlane, ['create', '-n', namespace, '-f', '-'], { input: JSON.stringify(pod) });
    await patch(['pod', name], { status }, '--subresource=status');
  }
}

async function goThroughProxy(): Promise<void> {
  kubeconfig = proxy.writeKubeconfig(join(controlPlane.directory, `${namespace}.kubeconfig`));
  await kubectlOutput(controlPlane, ['config', 'set-context', '--current', `--namespace=${namespace}`], { kubeconfig });
}

/** What is read through the proxy is as old as it would be after that time, for which no test waits. */
async function readLater(ms: number): Promise<void> {
  const age = (time: string) => new Date(Date.parse(time) - ms).toISOString();
  proxy.otherwise(({ label }) => {
    if (label !== 'GET group' && label !== 'GET list') return undefined;
    return async (request) => {
      const answer = await request.forward();
      request.respond({ ...answer, body: String(answer.body).replaceAll(RFC3339, age) });
    };
  });
  await goThroughProxy();
}

/** With more time than a reader waits: a busy machine may need that to begin. */
const patient = (block: string) => block.replace(/--timeout (\d)s/g, (_, seconds) => `--timeout ${3 * seconds}s`);

describe('the guide for troubleshooting shows what is really printed', () => {
  const sections = transcriptsOf('troubleshooting');

  it('in each case that is reproduced here', () => {
    expect(sections.map(({ title }) => title)).toEqual(Object.keys(cases));
  });

  it.each(sections)('$title', async ({ title, blocks }) => {
    await cases[title]?.();
    const servers = [new URL(controlPlane.server).host, proxy.connection.server.host, '127.0.0.1:1'];
    const names = { [namespace]: 'jobs', ...Object.fromEntries(servers.map((host) => [host, '10.96.0.1:443'])) };
    for (const [index, block] of blocks.entries()) {
      if (index > 0) await next();
      const typed = patient(block).replaceAll('namespace jobs', `namespace ${namespace}`);
      const shown = await play(typed, controlPlane, kubeconfig);
      expect(comparable(shown, names)).toBe(comparable(patient(block)));
    }
  });
});
