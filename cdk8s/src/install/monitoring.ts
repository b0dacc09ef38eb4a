// For clusters with the Prometheus operator and Grafana: what to scrape, when to raise an alarm, and a dashboard.
import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkLabels } from '../props/labels.ts';
import { checkOnlyOne, checkSecretName } from '../props/rules.ts';
import { checkProps, optional, type Shape } from '../props/shapes.ts';
import { NAMESPACE, OPERATOR_NAME } from './operator-deployment.ts';

const METRICS_NAME = `${OPERATOR_NAME}-metrics`;
/** What Prometheus calls what it scrapes from the Service. */
const JOB = `job="${METRICS_NAME}"`;

/** For {@link KonductorMonitoring}. */
export interface KonductorMonitoringProps {
  /** By which Prometheus finds ServiceMonitors and rules, such as `release: kube-prometheus-stack`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Where KonductorOperator has `secureMetrics`: the Secret whose `ca.crt` vouches for the operator. */
  readonly caSecret?: string;
}

/** A ServiceMonitor and a PrometheusRule (monitoring.coreos.com/v1), and a ConfigMap that Grafana's sidecar loads. */
export class KonductorMonitoring extends Construct {
  constructor(scope: Construct, id: string, props: KonductorMonitoringProps = {}) {
    super(scope, id);
    checkOnlyOne('KonductorMonitoring', this);
    checkProps('KonductorMonitoring', this, props, SHAPE);
    const { labels = {}, caSecret } = props;
    const metadata = { name: OPERATOR_NAME, namespace: NAMESPACE, labels };
    const monitoring = { apiVersion: 'monitoring.coreos.com/v1', metadata };
    const selector = { matchLabels: { 'app.kubernetes.io/name': OPERATOR_NAME } };
    const endpoints = [{ port: 'metrics', ...(caSecret && secured(caSecret)) }];
    new ApiObject(this, 'ServiceMonitor', { ...monitoring, kind: 'ServiceMonitor', spec: { selector, endpoints } });
    const groups = [{ name: OPERATOR_NAME, rules: alerts }];
    new ApiObject(this, 'PrometheusRule', { ...monitoring, kind: 'PrometheusRule', spec: { groups } });
    new k8s.KubeConfigMap(this, 'Dashboard', {
      metadata: { name: `${OPERATOR_NAME}-dashboard`, namespace: NAMESPACE, labels: { grafana_dashboard: '1' } },
      data: { 'konductor.json': `${JSON.stringify(dashboard, null, 2)}\n` },
    });
  }
}

const SHAPE: Shape<KonductorMonitoringProps> = { labels: optional(checkLabels), caSecret: optional(checkSecretName) };

/** The token is Prometheus' own; its account must be bound to konductor-metrics-reader. */
function secured(caSecret: string): object {
  return {
    scheme: 'https',
    bearerTokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
    tlsConfig: {
      ca: { secret: { name: caSecret, key: 'ca.crt' } },
      serverName: `${METRICS_NAME}.${NAMESPACE}.svc`,
    },
  };
}

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: 'warning' | 'critical' };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const alerts: readonly Alert[] = [
  {
    alert: 'KonductorOperatorDown',
    expr: `absent(up{${JOB}} == 1)`,
    for: '5m',
    labels: { severity: 'critical' },
    annotations: {
      summary: 'No Konductor operator runs',
      description: 'add, done and wait work on; no WaitGroup is completed or collected.',
    },
  },
  {
    alert: 'KonductorNoLeader',
    expr: `max(leader_election_master_status{${JOB}}) == 0`,
    for: '2m',
    labels: { severity: 'critical' },
    annotations: {
      summary: 'No Konductor operator leads',
      description:
        'Look at the Lease konductor-operator and at the logs: the operators may lack the right to write it.',
    },
  },
  {
    alert: 'KonductorReconcileErrors',
    expr: `sum(rate(controller_runtime_reconcile_errors_total{${JOB}}[10m])) / sum(rate(controller_runtime_reconcile_total{${JOB}}[10m])) > 0.2`,
    for: '15m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Many decisions of the Konductor operator fail',
      description: 'A few conflicts with other writers are normal, so many are not: look at its logs.',
    },
  },
  {
    alert: 'KonductorHandlerStuck',
    expr: `max(workqueue_longest_running_processor_seconds{${JOB}}) > 120`,
    for: '5m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'The Konductor operator works on one WaitGroup for minutes',
      description: 'The API server may be slow to answer: compare rest_client_request_duration_seconds.',
    },
  },
  {
    alert: 'KonductorRequestsFail',
    expr: `sum(rate(rest_client_requests_total{${JOB},code=~"5..|429|<error>"}[5m])) > 0.1`,
    for: '15m',
    labels: { severity: 'warning' },
    annotations: {
      summary: 'Requests of the Konductor operator to the API server fail',
      description: 'It tries again with backoff; completions and expirations are delayed.',
    },
  },
];

/** Title, expression, legend, and Grafana's unit. */
const panels: readonly (readonly [title: string, expr: string, legend: string, unit: string])[] = [
  ['WaitGroups', `max by (phase) (konductor_waitgroups{${JOB}})`, '{{phase}}', 'short'],
  ['Leader', `leader_election_master_status{${JOB}}`, '{{pod}}', 'short'],
  ['Completions', `sum(rate(konductor_waitgroup_completions_total{${JOB}}[5m]))`, 'completions', 'ops'],
  ['Expirations', `sum(rate(konductor_waitgroup_expirations_total{${JOB}}[5m]))`, 'expirations', 'ops'],
  ['Decisions', `sum by (result) (rate(controller_runtime_reconcile_total{${JOB}}[5m]))`, '{{result}}', 'ops'],
  ['Decision time, p99', p99('controller_runtime_reconcile_time_seconds'), 'p99', 's'],
  ['Queue', `sum(workqueue_depth{${JOB}})`, 'depth', 'short'],
  ['Time in the queue, p99', p99('workqueue_queue_duration_seconds'), 'p99', 's'],
  ['Requests', `sum by (method, code) (rate(rest_client_requests_total{${JOB}}[5m]))`, '{{method}} {{code}}', 'reqps'],
  ['Request time, p99', p99('rest_client_request_duration_seconds'), 'p99', 's'],
  ['Memory', `process_resident_memory_bytes{${JOB}}`, '{{pod}}', 'bytes'],
  ['CPU', `rate(process_cpu_seconds_total{${JOB}}[5m])`, '{{pod}}', 'percentunit'],
];

function p99(histogram: string): string {
  return `histogram_quantile(0.99, sum by (le) (rate(${histogram}_bucket{${JOB}}[5m])))`;
}

const dashboard = {
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
