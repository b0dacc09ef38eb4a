// Hundreds of pods in motion: real Jobs and ReplicaSets create them, kwok plays their node, and this file plays the workers in them,
// half of which die. On a control plane of its own, whose controller manager replaces pods.
import {
  AlreadyExistsError,
  connect,
  type KubeObject,
  KubeTransport,
  listAndWatch,
  resourcePath,
  WaitGroupClient,
} from '@konductor/client';
import {
  API_GROUP_VERSION,
  type WaitGroupStatus,
  type WorkerPolicy,
  workerNames,
  workerRecordName,
} from '@konductor/schema';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ControlPlane, startControlPlane } from '../../control-plane/index.ts';
import { installCrd } from '../../support/cluster/crd.ts';
import { installOperator } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { deletePod } from '../../support/cluster/pods.ts';
import { sample } from '../../support/cluster/prometheus.ts';
import { END_ANNOTATION, type PlayedNode, startNode } from '../../support/processes/kwok.ts';
import { metricsOf, type OperatorProcess, startOperator } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

/** Half of the indexes of the Job need a second pod. */
const COMPLETIONS = 300;
const REPLICAS = 30;
const KILLED = 20;
/** For everything to end, with one look for pods that are not watched. */
const PATIENCE_MS = 240_000;

let controlPlane: ControlPlane;
let transport: KubeTransport;
let node: PlayedNode;
let operator: OperatorProcess;
let namespace: string;
let client: WaitGroupClient;

beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: true, auditBodies: false });
  await installCrd(controlPlane);
  const kubeconfig = await installOperator(controlPlane);
  transport = new KubeTransport(await connect({ env: { KUBECONFIG: controlPlane.kubeconfig } }));
  node = await startNode(controlPlane);
  namespace = await createNamespace(controlPlane, 'motion');
  client = new WaitGroupClient(transport, { namespace });
  operator = await startOperator({ kubeconfig });
});
afterAll(async () => {
  await operator?.stop();
  await node?.stop();
  transport?.close();
  await controlPlane?.stop();
});

interface PlayedPod extends KubeObject {
  readonly metadata: KubeObject['metadata'] & { readonly labels: Readonly<Record<string, string>> };
  readonly status: { readonly phase: string };
}

/** Calls `play` with each pod of an app as soon as it runs; resolves when the signal is aborted and every call has returned. */
async function playPods(app: string, signal: AbortSignal, play: (pod: PlayedPod) => Promise<unknown>): Promise<void> {
  const played = new Map<string, Promise<unknown>>();
  const path = resourcePath({ apiVersion: 'v1', resource: 'pods', namespace });
  for await (const event of listAndWatch<PlayedPod>(transport, {
    path,
    query: { labelSelector: `app=${app}` },
    signal,
  })) {
    for (const pod of event.type === 'LISTED' ? event.items : [event.object]) {
      const { uid = '' } = pod.metadata;
      if (event.type !== 'DELETED' && pod.status.phase === 'Running' && !played.has(uid)) played.set(uid, play(pod));
    }
  }
  await Promise.all(played.values());
}

async function createWorkload(apiVersion: string, resource: string, body: object): Promise<void> {
  const path = resourcePath({ apiVersion, resource, namespace });
  await transport.request({ method: 'POST', path, body: { apiVersion, ...body } });
}

const podTemplate = (labels: object, restartPolicy: string) => ({
  metadata: { labels },
  spec: {
    ...{ restartPolicy, nodeName: node.name, automountServiceAccountToken: false, terminationGracePeriodSeconds: 1 },
    containers: [{ name: 'main', image: 'none' }],
  },
});

const patch = (path: string, body: object) =>
  transport.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body });

/** kwok ends the pod. */
async function annotate({ metadata: { name } }: PlayedPod, end: string): Promise<void> {
  const path = resourcePath({ apiVersion: 'v1', resource: 'pods', namespace, name });
  await patch(path, { metadata: { annotations: { [END_ANNOTATION]: end } } });
}

const recordPath = (name?: string) =>
  resourcePath({ apiVersion: API_GROUP_VERSION, resource: workerNames.plural, namespace, name });

/** Its add: one request, or a second one to take the record over from a pod that died. It does not wait until it is counted. */
async function begin({ name, uid }: Group, worker: string, { metadata }: PlayedPod): Promise<void> {
  const pod = { name: metadata.name, uid: metadata.uid };
  const recordName = workerRecordName({ name, uid }, worker);
  const body = {
    ...{ apiVersion: API_GROUP_VERSION, kind: workerNames.kind },
    metadata: {
      name: recordName,
      ownerReferences: [{ apiVersion: API_GROUP_VERSION, kind: 'WaitGroup', name, uid }],
    },
    spec: { waitGroup: name, waitGroupUid: uid, worker, pod, added: 1, state: 'Active' },
  };
  try {
    await transport.request({ method: 'POST', path: recordPath(), body });
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
    await patch(recordPath(recordName), { spec: { pod } });
  }
}

const finish = (group: Group, worker: string) =>
  patch(recordPath(workerRecordName(group, worker)), { spec: { state: 'Done', done: 1 } });

interface Group {
  readonly name: string;
  readonly uid: string;
}

async function newGroup(name: string, workerPolicy: WorkerPolicy): Promise<Group> {
  const { metadata } = await client.create({ name, spec: { workerPolicy } });
  return { name, uid: metadata.uid ?? '' };
}

const lossesUnder = async (policy: WorkerPolicy) =>
  sample(await metricsOf(operator), 'konductor_waitgroup_workers_lost_total', `reason="WorkerLost",policy="${policy}"`);

function reaches(name: string, isReached: (status: WaitGroupStatus) => boolean): Promise<WaitGroupStatus> {
  const isOver = async () => {
    const { status } = await client.get(name);
    return status && isReached(status) && status;
  };
  return eventually(`the end of ${name}`, isOver, { timeoutMs: PATIENCE_MS, intervalMs: 200 });
}

// Together, because the second one mostly waits.
it.concurrent('counts each index of a Job once, however its pods die, and loses none', {
  timeout: PATIENCE_MS,
}, async () => {
  const group = await newGroup('batch', 'Fail');
  const over = new AbortController();
  const deaths = ['OOMKilled', 'Evicted', 'deleted'];
  const begun = new Set<string>();
  let pods = 0;
  const playing = playPods('batch', over.signal, async (pod) => {
    const index = pod.metadata.labels['batch.kubernetes.io/job-completion-index'] ?? '';
    const worker = `batch-${index}`;
    const death = Number(index) % 2 === 0 && !begun.has(index) && deaths[Number(index) % deaths.length];
    begun.add(index);
    pods += 1;
    await begin(group, worker, pod);
    if (!death) await finish(group, worker);
    if (death === 'deleted') await deletePod(controlPlane, { namespace, name: pod.metadata.name });
    else await annotate(pod, death || 'Succeeded');
  });
  const template = podTemplate({ app: 'batch', 'konductor.io/waitgroup': 'batch' }, 'Never');
  const indexes = { completionMode: 'Indexed', completions: COMPLETIONS, parallelism: COMPLETIONS };
  await createWorkload('batch/v1', 'jobs', {
    ...{ kind: 'Job', metadata: { name: 'batch' } },
    spec: { ...indexes, backoffLimitPerIndex: 3, template },
  });
  const status = await reaches('batch', ({ added, counter }) => added === COMPLETIONS && counter === 0);
  over.abort();
  await playing;
  expect(status).toMatchObject({ outcome: 'Succeeded', workers: { active: 0, failed: 0, lost: 0 } });
  expect(status.failures).toBeUndefined();
  expect(await lossesUnder('Fail')).toBe(0);
  expect(pods).toBe(COMPLETIONS + COMPLETIONS / 2);
});

it.concurrent('brings a Deployment without a label to zero when its pods are gone', {
  timeout: PATIENCE_MS,
}, async () => {
  const group = await newGroup('web', 'Release');
  const over = new AbortController();
  let added = 0;
  const playing = playPods('web', over.signal, async (pod) => {
    await begin(group, pod.metadata.name, pod);
    added += 1;
    if (added <= KILLED) await deletePod(controlPlane, { namespace, name: pod.metadata.name });
  });
  const selector = { matchLabels: { app: 'web' } };
  await createWorkload('apps/v1', 'deployments', {
    ...{ kind: 'Deployment', metadata: { name: 'web' } },
    spec: { replicas: REPLICAS, selector, template: podTemplate(selector.matchLabels, 'Always') },
  });
  await eventually('all pods', () => added === REPLICAS + KILLED, { timeoutMs: PATIENCE_MS });
  const deployment = resourcePath({ apiVersion: 'apps/v1', resource: 'deployments', namespace, name: 'web' });
  await patch(deployment, { spec: { replicas: 0 } });
  const status = await reaches('web', ({ added: counted, counter }) => counted === added && counter === 0);
  over.abort();
  await playing;
  expect(status.outcome).toBe('Succeeded');
  expect(await lossesUnder('Release')).toBe(added);
});
