// Workers with an identity, whose pods are ended in every way: each runs under `koncli waitgroup run`, with the least permissions.
import { WAIT_GROUP_LABEL, WaitGroup } from '@konductor/cdk8s';
import { ApiObject, type Chart } from 'cdk8s';
import { ServiceAccount } from 'cdk8s-plus-27';
import type { E2eOptions } from './options.ts';

type Images = Pick<E2eOptions, 'image' | 'koncliImage'>;
type WorkerPolicy = 'Keep' | 'Release' | 'Fail';

export const INDEXES = 6;
const FOREVER = 'exec tail -f /dev/null';
/** The pods of {@link addEnded}: what each does. The last ones work until somebody ends them. */
export const ENDED_BY: Readonly<Record<string, Worker>> = {
  failure: { script: 'exit 3' },
  'no-memory': { script: 'exec tail /dev/zero', container: { resources: { limits: { memory: '192Mi' } } } },
  restart: {
    script: `[ -e /tmp/restarted ] || { touch /tmp/restarted; ${FOREVER}; }`,
    pod: { restartPolicy: 'OnFailure', shareProcessNamespace: true },
  },
  kill: { script: FOREVER, pod: { shareProcessNamespace: true } },
  deletion: { script: FOREVER },
  force: { script: FOREVER },
  eviction: { script: FOREVER },
  unlabelled: { script: FOREVER, labels: {} },
};

interface Worker {
  readonly script: string;
  /** Of `koncli waitgroup run`. */
  readonly flags?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly pod?: object;
  readonly container?: object;
}

/** One pod for each way to end. */
export function addEnded(chart: Chart, images: Images): void {
  addGroup(chart, 'ended', 'Release');
  for (const [name, worker] of Object.entries(ENDED_BY)) addPod(chart, { name, group: 'ended', worker, images });
}

/** A worker that never ends, under each of the other policies. */
export function addLost(chart: Chart, images: Images): void {
  for (const [name, policy] of [['kept', 'Keep'] as const, ['failed', 'Fail'] as const]) {
    addGroup(chart, name, policy);
    addPod(chart, { name, group: name, worker: { script: FOREVER }, images });
  }
}

/** Work that is added before, as in the guide for batch jobs; each odd index fails once. */
export function addIndexed(chart: Chart, images: Images): void {
  addGroup(chart, 'indexed', 'Fail', INDEXES);
  const fieldPath = "metadata.annotations['batch.kubernetes.io/job-index-failure-count']";
  const worker = {
    script: '[ "$FAILURES" != 0 ] || [ $((JOB_COMPLETION_INDEX % 2)) = 0 ]',
    flags: ['--no-add'],
    container: { env: [{ name: 'FAILURES', valueFrom: { fieldRef: { fieldPath } } }] },
  };
  const counts = { completions: INDEXES, parallelism: 3, completionMode: 'Indexed', backoffLimitPerIndex: 2 };
  const template = podTemplate('indexed', worker, images);
  new ApiObject(chart, 'Job', { ...named('indexed', 'batch/v1', 'Job'), spec: { ...counts, template } });
}

/** Pods that work again and again, for as long as they live. */
export function addMortal(chart: Chart, images: Images): void {
  addGroup(chart, 'mortal', 'Release');
  const again = '/konductor/koncli waitgroup run mortal -- sleep 0.5';
  const worker = {
    pod: { restartPolicy: 'Always', terminationGracePeriodSeconds: 5 },
    container: { command: ['sh', '-c', `trap exit TERM; while :; do ${again} & wait $!; done`] },
    labels: { app: 'mortal', [WAIT_GROUP_LABEL]: 'mortal' },
  };
  const template = podTemplate('mortal', { script: '', ...worker }, images);
  const spec = { replicas: 4, selector: { matchLabels: { app: 'mortal' } }, template };
  new ApiObject(chart, 'Deployment', { ...named('mortal', 'apps/v1', 'Deployment'), spec });
}

const named = (name: string, apiVersion: string, kind: string) => ({ apiVersion, kind, metadata: { name } });

function addGroup(chart: Chart, name: string, workerPolicy: WorkerPolicy, initialCount?: number): void {
  const account = new ServiceAccount(chart, `${name}-account`, { metadata: { name } });
  const props = { metadata: { name }, workerPolicy, ...(initialCount && { initialCount }) };
  new WaitGroup(chart, `${name}-group`, props).grantWorker(account);
}

function addPod(
  chart: Chart,
  { name, group, worker, images }: { name: string; group: string; worker: Worker; images: Images },
): void {
  const { metadata, spec } = podTemplate(group, worker, images);
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: `${group}-by-${name}` }, spec };
  new ApiObject(chart, `${group}-by-${name}`, pod);
}

function podTemplate(
  group: string,
  { script, flags = [], labels, pod, container }: Worker,
  { image, koncliImage }: Images,
) {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  return {
    metadata: { labels: labels ?? { [WAIT_GROUP_LABEL]: group } },
    spec: {
      ...{ serviceAccountName: group, automountServiceAccountToken: true },
      ...{ restartPolicy: 'Never', terminationGracePeriodSeconds: 10 },
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          ...{ name: 'work', image, imagePullPolicy: 'IfNotPresent', securityContext },
          command: ['/konductor/koncli', 'waitgroup', 'run', group, ...flags, '--', 'sh', '-c', script],
          volumeMounts: [
            { name: 'konductor', mountPath: '/konductor', subPath: 'konductor', readOnly: true },
            { name: 'tmp', mountPath: '/tmp' },
          ],
          ...container,
        },
      ],
      volumes: [
        { name: 'konductor', image: { reference: koncliImage, pullPolicy: 'IfNotPresent' } },
        { name: 'tmp', emptyDir: {} },
      ],
      ...pod,
    },
  };
}
