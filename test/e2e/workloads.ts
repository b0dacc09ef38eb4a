// The workloads of the scenario, and the operator that an upgrade installs, as cdk8s charts.
import { KonductorOperator, WaitGroup } from '@konductor/cdk8s';
import { ApiObject, App, Chart, JsonPatch, Yaml } from 'cdk8s';
import { Cpu, ImagePullPolicy, Job, Pod, RestartPolicy, ServiceAccount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { E2eOptions } from './options.ts';

/** Cdk8s-plus asks for a whole CPU and always pulls by default. */
const SMALL = { imagePullPolicy: ImagePullPolicy.IF_NOT_PRESENT, resources: { cpu: { request: Cpu.millis(10) } } };
/** Cdk8s-plus rejects an image whose user is root by default. */
const USER = { user: 65532, group: 65532 };

export function synthesize(build: (chart: Chart) => void): string {
  const chart = new Chart(new App(), 'e2e');
  build(chart);
  return Yaml.stringify(...chart.toJson());
}

export function addOperator(chart: Construct, image: string): void {
  new KonductorOperator(chart, 'Operator', {
    image,
    replicas: 2,
    networkPolicy: { apiServerPorts: [443, 6443] },
    disruptionBudget: true,
  });
}

export function addCopied(chart: Construct, { image, koncliImage }: E2eOptions): void {
  const group = new WaitGroup(chart, 'Group', { metadata: { name: 'copied' } });
  group.addWorkers(smallJob(chart, 'copied-worker', image), { koncliImage, koncliDelivery: 'initContainer' });
  group.waitFor(smallJob(chart, 'copied-waiter', image), { koncliImage });
}

export function addDrained(chart: Construct, { image, koncliImage }: E2eOptions): void {
  const account = new ServiceAccount(chart, 'Account', { metadata: { name: 'drained' } });
  const command = ['/konductor/koncli', 'waitgroup', 'wait', 'gate'];
  const security = { user: 1_000_690_000, group: 1_000_690_000, readOnlyRootFilesystem: true };
  const job = new Job(chart, 'Job', {
    metadata: { name: 'drained' },
    serviceAccount: account,
    automountServiceAccountToken: true,
    containers: [{ ...SMALL, image, command, securityContext: security }],
  });
  resize(job, 2);
  new WaitGroup(chart, 'Group', { metadata: { name: 'drained' }, initialCount: 2 }).addWorkers(job, { koncliImage });
  new WaitGroup(chart, 'Gate', { metadata: { name: 'gate' }, initialCount: 1 }).grantWaiter(account);
}

/** The Job's controller stops the other workers when one fails, so that they may be done or not. */
export function addFailing(chart: Construct, { image, koncliImage }: E2eOptions): void {
  const worker = smallJob(chart, 'failing', image, '[ "$JOB_COMPLETION_INDEX" != 1 ] || exit 7');
  resize(worker, 3);
  ApiObject.of(worker).addJsonPatch(JsonPatch.add('/spec/completionMode', 'Indexed'));
  const group = new WaitGroup(chart, 'Group', { metadata: { name: 'failing' }, initialCount: 3 });
  group.addWorkers(worker, { koncliImage, onFailure: 'fail' });
  group.waitFor(smallJob(chart, 'failing-waiter', image), { koncliImage });
}

export function addKilled(chart: Construct, { image, koncliImage }: E2eOptions): void {
  const worker = new Pod(chart, 'killed', {
    metadata: { name: 'killed' },
    restartPolicy: RestartPolicy.NEVER,
    containers: [{ ...SMALL, image, command: ['tail', '-f', '/dev/null'], securityContext: USER }],
  });
  const group = new WaitGroup(chart, 'Group', { metadata: { name: 'killed' }, initialCount: 1, deadline: '1h' });
  group.addWorkers(worker, { koncliImage });
  group.waitFor(smallJob(chart, 'killed-waiter', image), { koncliImage });
}

function smallJob(chart: Construct, name: string, image: string, script = 'echo works'): Job {
  return new Job(chart, name, {
    metadata: { name },
    backoffLimit: 0,
    containers: [{ ...SMALL, image, command: ['sh', '-c', script], securityContext: USER }],
  });
}

function resize(job: Job, size: number): void {
  const fields = ['completions', 'parallelism'];
  ApiObject.of(job).addJsonPatch(...fields.map((field) => JsonPatch.add(`/spec/${field}`, size)));
}
