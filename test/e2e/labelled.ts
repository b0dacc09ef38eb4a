// Workloads that know nothing of Konductor: two labels count them, and hold them back.
import { WaitGroup, type WaitGroupProps } from '@konductor/cdk8s';
import { AFTER_LABEL, COUNTS_FOR_LABEL, HOLD_GATE, ON_MISSING_ANNOTATION } from '@konductor/schema';
import { ApiObject, type Chart } from 'cdk8s';
import type { E2eOptions } from './options.ts';

type Image = Pick<E2eOptions, 'image'>;
type Metadata = Readonly<Record<'labels' | 'annotations', Readonly<Record<string, string>>>>;

const countsFor = (group: string) => ({ [COUNTS_FOR_LABEL]: group });
const after = (group: string) => ({ [AFTER_LABEL]: group });
const gated = { schedulingGates: [{ name: HOLD_GATE }] };
const never = '0 0 31 2 *';

/** Three Jobs, of which somebody has to resume one, and what waits for them; `unheld` forgot to suspend itself. */
export function addFan(chart: Chart, image: Image): void {
  addGroup(chart, 'fan');
  for (const name of ['fan-1', 'fan-2']) addJob(chart, name, jobSpec(image), { labels: countsFor('fan') });
  addJob(chart, 'fan-3', { ...jobSpec(image), suspend: true }, { labels: countsFor('fan') });
  addJob(chart, 'fan-in', { ...jobSpec(image), suspend: true }, { labels: after('fan') });
  addJob(chart, 'unheld', jobSpec(image), { labels: after('fan') });
  addDeployment(chart, 'fan-in', podSpec(image, 'exec tail -f /dev/null', gated), {
    labels: after('fan'),
    annotations: { [ON_MISSING_ANNOTATION]: 'release' },
  });
}

/** Neither suspended nor gated: hold.yaml holds them. */
export function addStages(chart: Chart, image: Image): void {
  for (const group of ['stage-1', 'stage-2']) addGroup(chart, group);
  addJob(chart, 'stage-1', jobSpec(image), { labels: countsFor('stage-1') });
  addJob(chart, 'stage-2', jobSpec(image), { labels: { ...after('stage-1'), ...countsFor('stage-2') } });
  addJob(chart, 'stage-3', jobSpec(image), { labels: after('stage-2') });
  addDeployment(chart, 'stage-3', podSpec(image, 'exec tail -f /dev/null'), { labels: after('stage-2') });
}

/** One Job of two fails for good. */
export function addBroken(chart: Chart, image: Image): void {
  addGroup(chart, 'broken', { workerPolicy: 'Fail' });
  addJob(chart, 'breaks', jobSpec(image, 'exit 3'), { labels: countsFor('broken') });
  addJob(chart, 'never-resumed', { ...jobSpec(image), suspend: true }, { labels: countsFor('broken') });
  addJob(chart, 'after-broken', { ...jobSpec(image), suspend: true }, { labels: after('broken') });
  addDeployment(chart, 'after-broken', podSpec(image, 'exec tail -f /dev/null', gated), { labels: after('broken') });
}

/** Its Jobs carry the label of its template. */
export function addScheduled(chart: Chart, image: Image): void {
  addGroup(chart, 'scheduled');
  const jobTemplate = { metadata: { labels: countsFor('scheduled') }, spec: jobSpec(image) };
  new ApiObject(chart, 'cron-job', {
    ...named('scheduled', 'batch/v1', 'CronJob'),
    spec: { schedule: never, jobTemplate },
  });
}

/** What a policy changes at the creation, one object of each kind. */
export function addProbe(chart: Chart, image: Image): void {
  addJob(chart, 'probe', jobSpec(image), { labels: after('probe') });
  const metadata = { name: 'probe', labels: after('probe') };
  new ApiObject(chart, 'probe-pod', { apiVersion: 'v1', kind: 'Pod', metadata, spec: podSpec(image, 'exit 0') });
}

const named = (name: string, apiVersion: string, kind: string) => ({ apiVersion, kind, metadata: { name } });

function addGroup(chart: Chart, name: string, props: WaitGroupProps = {}): void {
  new WaitGroup(chart, `${name}-group`, { ...props, metadata: { name } });
}

function addJob(chart: Chart, name: string, spec: object, metadata: Partial<Metadata>): void {
  new ApiObject(chart, `${name}-job`, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name, ...metadata }, spec });
}

function addDeployment(chart: Chart, name: string, spec: object, { labels, annotations }: Partial<Metadata>): void {
  const metadata = { labels: { ...labels, app: name }, annotations };
  new ApiObject(chart, `${name}-deployment`, {
    ...named(name, 'apps/v1', 'Deployment'),
    spec: { replicas: 2, selector: { matchLabels: { app: name } }, template: { metadata, spec } },
  });
}

const jobSpec = (image: Image, script = 'exit 0') => ({
  backoffLimit: 0,
  template: { spec: { ...podSpec(image, script), restartPolicy: 'Never' } },
});

function podSpec({ image }: Image, script: string, more: object = {}) {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  return {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 1,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      { name: 'work', image, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', script], securityContext },
    ],
    ...more,
  };
}
