// The dashboard on the operator's metrics, for Grafana.
import { JOB } from './alerts.ts';

/** Title, expression, legend, and unit of Grafana. */
const panels: readonly (readonly [title: string, expr: string, legend: string, unit: string])[] = [
  ['WaitGroups', `max by (phase) (konductor_waitgroups{${JOB}})`, '{{phase}}', 'short'],
  ['Leader', `leader_election_master_status{${JOB}}`, '{{pod}}', 'short'],
  ['Completions', `sum(rate(konductor_waitgroup_completions_total{${JOB}}[5m]))`, 'completions', 'ops'],
  ['Expirations', `sum(rate(konductor_waitgroup_expirations_total{${JOB}}[5m]))`, 'expirations', 'ops'],
  ['Longest wait', `max(konductor_waitgroup_longest_wait_seconds{${JOB}})`, 'longest', 's'],
  ['Failures', `sum by (reason) (rate(konductor_waitgroup_failures_total{${JOB}}[5m]))`, '{{reason}}', 'ops'],
  ['Workers', `max by (state) (konductor_waitgroup_workers{${JOB}})`, '{{state}}', 'short'],
  ['Workers not yet counted', `max(konductor_waitgroup_workers_uncounted{${JOB}})`, 'not counted', 'short'],
  ['Updates that count workers', `sum(rate(konductor_waitgroup_worker_syncs_total{${JOB}}[5m]))`, 'updates', 'ops'],
  [
    'Workers lost',
    `sum by (reason, policy) (rate(konductor_waitgroup_workers_lost_total{${JOB}}[5m]))`,
    '{{reason}} {{policy}}',
    'ops',
  ],
  ['Reconciles', `sum by (result) (rate(controller_runtime_reconcile_total{${JOB}}[5m]))`, '{{result}}', 'ops'],
  ['Reconcile duration, p99', p99('controller_runtime_reconcile_time_seconds'), 'p99', 's'],
  ['Work queue depth', `sum(workqueue_depth{${JOB}})`, 'depth', 'short'],
  ['Time in work queue, p99', p99('workqueue_queue_duration_seconds'), 'p99', 's'],
  [
    'API server requests',
    `sum by (method, code) (rate(rest_client_requests_total{${JOB}}[5m]))`,
    '{{method}} {{code}}',
    'reqps',
  ],
  ['API server request duration, p99', p99('rest_client_request_duration_seconds'), 'p99', 's'],
  ['Memory', `process_resident_memory_bytes{${JOB}}`, '{{pod}}', 'bytes'],
  ['CPU', `rate(process_cpu_seconds_total{${JOB}}[5m])`, '{{pod}}', 'percentunit'],
];

function p99(histogram: string): string {
  return `histogram_quantile(0.99, sum by (le) (rate(${histogram}_bucket{${JOB}}[5m])))`;
}

/** The JSON model of Grafana. */
export const dashboard = {
  uid: 'konductor-waitgroup',
  title: 'Konductor WaitGroup',
  tags: ['konductor'],
  schemaVersion: 39,
  time: { from: 'now-6h', to: 'now' },
  templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus' }] },
  panels: panels.map(([title, expr, legendFormat, unit], index) => ({
    id: index + 1,
    title,
    type: 'timeseries',
    datasource: { type: 'prometheus', uid: '$datasource' },
    gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: [{ refId: 'A', expr, legendFormat }],
  })),
};
