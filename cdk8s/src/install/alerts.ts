// The alerts on the operator's metrics, as rules of Prometheus.
import type { Duration } from 'cdk8s';
import { durationSeconds, durationText } from '../props/durations.ts';
import { DOCS_URL } from '../version.ts';
import { OPERATOR_NAME } from './operator-deployment.ts';

export const METRICS_NAME = `${OPERATOR_NAME}-metrics`;
/** The label that Prometheus adds to everything it scrapes from the Service. */
export const JOB = `job="${METRICS_NAME}"`;

/** The rules of a PrometheusRule. */
export function alertRules(waitsLongAfter: Duration | string) {
  return Object.entries(alerts(waitsLongAfter)).map(([alert, { severity, expr, lasts, ...annotations }]) => ({
    ...{ alert, expr, for: lasts, labels: { severity } },
    annotations: { ...annotations, runbook_url: `${DOCS_URL}/reference/metrics.md#${alert.toLowerCase()}` },
  }));
}

/** `lasts`: how long the expression must hold. */
const alerts = (waitsLongAfter: Duration | string) => ({
  KonductorOperatorDown: {
    severity: 'critical',
    expr: `absent(up{${JOB}} == 1)`,
    lasts: '5m',
    summary: 'No Konductor operator is running',
    description:
      'wait, and add, done and fail of coordinators still work, but no worker is counted, no completion is recorded, no deadline is enforced and no WaitGroup is deleted after its TTL.',
  },
  KonductorNoLeader: {
    severity: 'critical',
    expr: `max(leader_election_master_status{${JOB}}) == 0`,
    lasts: '2m',
    summary: 'No Konductor operator is the leader',
    description: `Check the Lease ${OPERATOR_NAME} and the logs: the operators may lack the permission to update it.`,
  },
  KonductorReconcileErrors: {
    severity: 'warning',
    expr: `sum(rate(controller_runtime_reconcile_errors_total{${JOB}}[10m])) / sum(rate(controller_runtime_reconcile_total{${JOB}}[10m])) > 0.2`,
    lasts: '15m',
    summary: 'More than 20% of the reconciles of the Konductor operator fail',
    description: 'A few conflicts with other writers are normal, but not this many. Check the logs of the operator.',
  },
  KonductorReconcileStuck: {
    severity: 'warning',
    expr: `max(workqueue_longest_running_processor_seconds{${JOB}}) > 120`,
    lasts: '5m',
    summary: 'The Konductor operator has been reconciling one WaitGroup for minutes',
    description: 'The API server may be slow to respond: check rest_client_request_duration_seconds.',
  },
  KonductorRequestsFail: {
    severity: 'warning',
    expr: `sum(rate(rest_client_requests_total{${JOB},code=~"5..|429|<error>"}[5m])) > 0.1`,
    lasts: '15m',
    summary: 'Requests of the Konductor operator to the API server fail',
    description: 'The operator retries with backoff; completions, deadlines and expirations are delayed.',
  },
  KonductorClockDiffers: {
    severity: 'warning',
    expr: `max(abs(konductor_operator_clock_offset_seconds{${JOB}})) > 5`,
    lasts: '10m',
    summary: 'The clocks of a Konductor operator and of the API server differ',
    description:
      'Synchronize the nodes with NTP. TTLs and deadlines stay exact: the operator uses the time of the API server.',
  },
  KonductorWaitGroupWaitsLong: {
    severity: 'warning',
    expr: `max(konductor_waitgroup_longest_wait_seconds{${JOB}}) > ${durationSeconds(waitsLongAfter)}`,
    lasts: '5m',
    summary: `A WaitGroup has had outstanding work for more than ${durationText(waitsLongAfter)}`,
    description:
      'koncli status -A lists the WaitGroups that wait, and koncli waitgroup status NAME shows why. spec.deadline ends such waits.',
  },
  KonductorWaitGroupsFail: {
    severity: 'warning',
    expr: `sum by (reason) (increase(konductor_waitgroup_failures_total{${JOB}}[15m])) > 0`,
    lasts: '1m',
    summary: 'WaitGroups have failed with the reason {{ $labels.reason }}',
    description:
      'kubectl get waitgroups -A -o wide shows the outcomes, and koncli waitgroup status NAME shows what has failed.',
  },
  KonductorWorkersLost: {
    severity: 'warning',
    expr: `sum by (reason) (increase(konductor_waitgroup_workers_lost_total{${JOB},policy="Keep"}[15m])) > 0`,
    lasts: '1m',
    summary: 'Pods or Jobs have ended before their work was done, and it stays outstanding ({{ $labels.reason }})',
    description:
      'Events with the reason WorkerLost or JobFailed name the workers: start them again, or run koncli waitgroup release. spec.workerPolicy ends such waits.',
  },
  KonductorWorkersNotCounted: {
    severity: 'warning',
    expr: `max(konductor_waitgroup_workers_uncounted{${JOB}}) > 0 and sum(increase(konductor_waitgroup_worker_syncs_total{${JOB}}[5m])) == 0`,
    lasts: '10m',
    summary: 'Changes of workers are recorded, but not counted',
    description: 'Workers wait for their add to return, and waiters for what is done. Check the logs of the operator.',
  },
  KonductorOverrun: {
    severity: 'warning',
    expr: `max(konductor_waitgroups_overrun{${JOB}}) > 0`,
    lasts: '15m',
    summary: 'The workers of a WaitGroup have finished more work than was added',
    description:
      'Its condition Overrun names the workers. Compare what the coordinator adds with how many workers there are.',
  },
});
