import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ServerClock } from '@konductor/client';
import { Metrics } from '@konductor/operator';
import { expect, it } from 'vitest';
import { lintMetrics, sample } from '../../support/cluster/prometheus.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const QUEUE = 'name="waitgroup",controller="waitgroup"';

function newMetrics(): Metrics {
  const metrics = new Metrics();
  const source = {
    ...{ queueDepth: 3, activeWorkers: 2, concurrency: 4 },
    phases: () => ({ Waiting: 4, Done: 5 }),
    oldestWaitingSeconds: () => 1.5,
    workerStates: () => ({ Active: 6, Done: 7 }),
    uncountedWorkers: () => 8,
    overruns: () => 9,
  };
  metrics.observe(source, { count: (kind) => (kind === 'Job' ? 10 : 11) });
  metrics.observeJobs(() => ({ Unfinished: 5, Complete: 6, Failed: 7 }));
  metrics.observeClock(clockAhead());
  metrics.observeLeader('lease', () => true);
  return metrics;
}

/** Ten seconds ahead of a server whose Date has whole seconds. */
function clockAhead(): ServerClock {
  const clock = new ServerClock(
    () => 10_000,
    () => 0,
  );
  clock.observe({ date: new Date(0).toUTCString(), sentAt: 0, receivedAt: 0 });
  return clock;
}

async function textOf(metrics: Metrics): Promise<string> {
  const response = await metrics.routes()['/metrics']?.({ path: '/metrics', authorization: undefined });
  return response?.body ?? '';
}

it('are well formed before anything has happened', async () => {
  expect(lintMetrics(await textOf(newMetrics()))).toEqual([]);
});

it('are all documented in the reference, which names no others', async () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../docs/reference/metrics.md'), 'utf8');
  const rows = guide.split('\n').filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+_\w+)`/g)].map(([, name]) => name));
  const served = [...(await textOf(newMetrics())).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
  expect(named.sort()).toEqual(served.sort());
});

it.each([
  ['controller_runtime_reconcile_total', 'controller="waitgroup",result="success"', 0],
  ['controller_runtime_reconcile_total', 'controller="waitgroup",result="requeue_after"', 0],
  ['controller_runtime_reconcile_errors_total', 'controller="waitgroup"', 0],
  ['controller_runtime_active_workers', 'controller="waitgroup"', 2],
  ['controller_runtime_max_concurrent_reconciles', 'controller="waitgroup"', 4],
  ['workqueue_depth', QUEUE, 3],
  ['konductor_counted_jobs', 'state="Unfinished"', 5],
  ['konductor_held_objects', 'kind="Job"', 10],
  ['konductor_held_objects', 'kind="Pod"', 11],
  ['konductor_released_objects_total', 'kind="Pod"', 0],
  ['workqueue_adds_total', QUEUE, 0],
  ['workqueue_retries_total', QUEUE, 0],
  ['workqueue_unfinished_work_seconds', QUEUE, 0],
  ['workqueue_longest_running_processor_seconds', QUEUE, 0],
  ['leader_election_master_status', 'name="lease"', 1],
  ['konductor_waitgroups', 'phase="Waiting"', 4],
  ['konductor_waitgroups', 'phase="Done"', 5],
  ['konductor_waitgroup_completions_total', '', 0],
  ['konductor_waitgroup_expirations_total', '', 0],
  ['konductor_waitgroup_failures_total', 'reason="WorkerFailed"', 0],
  ['konductor_waitgroup_failures_total', 'reason="WorkerLost"', 0],
  ['konductor_waitgroup_failures_total', 'reason="DeadlineExceeded"', 0],
  ['konductor_waitgroup_failures_total', 'reason="Other"', 0],
  ['konductor_waitgroup_workers_lost_total', 'reason="WorkerLost",policy="Keep"', 0],
  ['konductor_waitgroup_workers_lost_total', 'reason="WorkerLost",policy="Release"', 0],
  ['konductor_waitgroup_workers_lost_total', 'reason="JobFailed",policy="Fail"', 0],
  ['konductor_waitgroup_longest_wait_seconds', '', 1.5],
  ['konductor_waitgroup_worker_syncs_total', '', 0],
  ['konductor_waitgroup_worker_relists_total', '', 0],
  ['konductor_waitgroup_workers_deleted_total', '', 0],
  ['konductor_waitgroup_workers', 'state="Active"', 6],
  ['konductor_waitgroup_workers', 'state="Done"', 7],
  ['konductor_waitgroup_workers_uncounted', '', 8],
  ['konductor_waitgroups_overrun', '', 9],
  ['konductor_operator_clock_offset_seconds', '', 9],
])('have %s{%s} from the start', async (name, labels, value) => {
  expect(sample(await textOf(newMetrics()), name, labels)).toBe(value);
});

// From controller-runtime 0.21 and, for the depth, client-go 0.36; our queue lacks the priority of its newer queues.
it.each([
  ['controller_runtime_reconcile_total', 'Total number of reconciliations per controller'],
  ['controller_runtime_reconcile_errors_total', 'Total number of reconciliation errors per controller'],
  ['controller_runtime_reconcile_time_seconds', 'Length of time per reconciliation per controller'],
  ['controller_runtime_max_concurrent_reconciles', 'Maximum number of concurrent reconciles per controller'],
  ['controller_runtime_active_workers', 'Number of currently used workers per controller'],
  ['workqueue_depth', 'Current depth of workqueue'],
  ['workqueue_adds_total', 'Total number of adds handled by workqueue'],
  ['workqueue_retries_total', 'Total number of retries handled by workqueue'],
  ['workqueue_queue_duration_seconds', 'How long in seconds an item stays in workqueue before being requested'],
  ['workqueue_work_duration_seconds', 'How long in seconds processing an item from workqueue takes.'],
  [
    'workqueue_unfinished_work_seconds',
    "How many seconds of work has been done that is in progress and hasn't been observed by work_duration. Large values " +
      'indicate stuck threads. One can deduce the number of stuck threads by observing the rate at which this increases.',
  ],
  [
    'workqueue_longest_running_processor_seconds',
    'How many seconds has the longest running processor for workqueue been running.',
  ],
  ['rest_client_requests_total', 'Number of HTTP requests, partitioned by status code, method, and host.'],
  [
    'leader_election_master_status',
    'Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master. ' +
      "'name' is the string used to identify the lease. Please make sure to group by name.",
  ],
])('describe %s as upstream does', async (name, help) => {
  expect(await textOf(newMetrics())).toContain(`# HELP ${name} ${help}\n`);
});

it.each([
  ['workqueue_queue_duration_seconds', Array.from({ length: 12 }, (_, index) => Number(`1e${index - 8}`))],
  ['workqueue_work_duration_seconds', Array.from({ length: 12 }, (_, index) => Number(`1e${index - 8}`))],
  ['rest_client_request_duration_seconds', [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60]],
  [
    'controller_runtime_reconcile_time_seconds',
    [
      ...[0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5],
      ...[1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60],
    ],
  ],
])('count %s in the buckets of their origin', async (name, buckets) => {
  const metrics = newMetrics();
  metrics.controller.onStart(0, 'a');
  metrics.controller.onDone(0, 'a');
  metrics.onRequest({ method: 'GET', host: 'api', code: '200', seconds: 0 });
  const bounds = [...(await textOf(metrics)).matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"`, 'gm'))];
  expect(bounds.map(([, bound]) => Number(bound?.replace('+Inf', 'Infinity')))).toEqual([...buckets, Infinity]);
});

it('count the work of the controller', async () => {
  const metrics = newMetrics();
  const { controller } = metrics;
  controller.onAdd();
  controller.onStart(0.1, 'a');
  controller.onRetry();
  controller.onDone(0.2, 'a');
  controller.onSuccess({});
  controller.onSuccess({ requeueAfterMs: 5 });
  controller.onList('waitgroups');
  controller.onWatch('waitgroups');
  metrics.onTransition('Completed');
  metrics.onTransition('Expired');
  const text = await textOf(metrics);
  for (const [name, labels, value] of [
    ['workqueue_adds_total', QUEUE, 1],
    ['workqueue_retries_total', QUEUE, 2],
    ['workqueue_queue_duration_seconds_sum', QUEUE, 0.1],
    ['workqueue_work_duration_seconds_sum', QUEUE, 0.2],
    ['controller_runtime_reconcile_total', 'controller="waitgroup",result="error"', 1],
    ['controller_runtime_reconcile_total', 'controller="waitgroup",result="success"', 1],
    ['controller_runtime_reconcile_total', 'controller="waitgroup",result="requeue_after"', 1],
    ['reflector_lists_total', 'name="waitgroup"', 1],
    ['reflector_watches_total', 'name="waitgroup"', 1],
    ['controller_runtime_reconcile_errors_total', 'controller="waitgroup"', 1],
    ['controller_runtime_reconcile_time_seconds_count', 'controller="waitgroup"', 1],
    ['konductor_waitgroup_completions_total', '', 1],
    ['konductor_waitgroup_expirations_total', '', 1],
  ] as const)
    expect([name, sample(text, name, labels)]).toEqual([name, value]);
});

it('count failures by their reason, of which users can choose any number', async () => {
  const metrics = newMetrics();
  metrics.onTransition('DeadlineExceeded', 'DeadlineExceeded');
  for (const reason of ['WorkerFailed', 'DiskFull', 'Overheated']) metrics.onTransition('Failed', reason);
  metrics.onTransition('Corrected', 'WorkerFailed');
  const text = await textOf(metrics);
  const failures = (reason: string) => sample(text, 'konductor_waitgroup_failures_total', `reason="${reason}"`);
  expect(['DeadlineExceeded', 'WorkerFailed', 'Other', 'DiskFull'].map(failures)).toEqual([1, 1, 2, undefined]);
});

it('show a handler that is stuck', async () => {
  const metrics = newMetrics();
  metrics.controller.onStart(0, 'stuck');
  metrics.controller.onStart(0, 'quick');
  metrics.controller.onDone(0, 'quick');
  const seconds = async (name: string) => sample(await textOf(metrics), `workqueue_${name}_seconds`, QUEUE) ?? 0;
  await eventually('some time', async () => (await seconds('longest_running_processor')) > 0.05);
  expect(await seconds('unfinished_work')).toBeLessThan((await seconds('longest_running_processor')) + 0.01);
  metrics.controller.onDone(0, 'stuck');
  expect(await seconds('unfinished_work')).toBe(0);
});

it('count requests as client-go does, with the time until the response headers', async () => {
  const metrics = newMetrics();
  metrics.onRequest({ method: 'PUT', host: 'api:6443', code: '409', seconds: 0.3 });
  const text = await textOf(metrics);
  expect(sample(text, 'rest_client_requests_total', 'code="409",method="PUT",host="api:6443"')).toBe(1);
  const labels = 'verb="PUT",host="api:6443"';
  expect(sample(text, 'rest_client_request_duration_seconds_sum', labels)).toBe(0.3);
  expect(sample(text, 'rest_client_request_duration_seconds_bucket', `le="0.25",${labels}`)).toBe(0);
  expect(sample(text, 'rest_client_request_duration_seconds_bucket', `le="0.5",${labels}`)).toBe(1);
});

it('measure the process, as Prometheus’ own clients do, and nothing that only Node has', async () => {
  const text = await textOf(newMetrics());
  const names = ['cpu_seconds_total', 'start_time_seconds', 'resident_memory_bytes'];
  for (const name of names) expect(sample(text, `process_${name}`, '')).toBeGreaterThan(0);
  const onLinux = ['virtual_memory_bytes', 'open_fds', 'max_fds'];
  for (const name of process.platform === 'linux' ? onLinux : [])
    expect(sample(text, `process_${name}`, '')).toBeGreaterThan(0);
  expect(text).not.toMatch(/^nodejs_/m);
});
