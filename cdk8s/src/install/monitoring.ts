// Monitoring for clusters with the Prometheus operator and Grafana: what to scrape, when to alert, and a dashboard.
import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkFields, checkOnlyOne, inConstruct, optional } from '../props/check-props.ts';
import { checkSecretName } from '../props/rules.ts';
import { NAMESPACE, OPERATOR_NAME } from './operator-deployment.ts';

const METRICS_NAME = `${OPERATOR_NAME}-metrics`;
/** The label that Prometheus adds to everything it scrapes from the Service. */
const JOB = `job="${METRICS_NAME}"`;

/** Props of {@link KonductorMonitoring}. */
export interface KonductorMonitoringProps {
  /** Labels by which Prometheus selects ServiceMonitors and rules, such as `release: kube-prometheus-stack`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** If KonductorOperator has `secureMetrics`: name of the Secret whose `ca.crt` signed the operator's certificate. */
  readonly caSecret?: string;
}

/** A ServiceMonitor and a PrometheusRule (monitoring.coreos.com/v1), and a ConfigMap that Grafana's sidecar loads. */
export class KonductorMonitoring extends Construct {
  constructor(scope: Construct, id: string, props: KonductorMonitoringProps = {}) {
    super(scope, id);
    checkOnlyOne('KonductorMonitoring', this);
    inConstruct('KonductorMonitoring', this, () => checkFields(props, { caSecret: optional(checkSecretName) }));
    const { labels = {}, caSecret } = props;
    const metadata = { name: OPERATOR_NAME, namespace: NAMESPACE, labels };
    const monitoring = { apiVersion: 'monitoring.coreos.com/v1', metadata };
    const selector = { matchLabels: { 'app.kubernetes.io/name': OPERATOR_NAME } };
    const endpoints = [{ port: 'metrics', ...(caSecret && secured(caSecret)) }];
    new ApiObject(this, 'ServiceMonitor', { ...monitoring, kind: 'ServiceMonitor', spec: { selector, endpoints } });
    const groups = [{ name: OPERATOR_NAME, rules }];
    new ApiObject(this, 'PrometheusRule', { ...monitoring, kind: 'PrometheusRule', spec: { groups } });
    new k8s.KubeConfigMap(this, 'Dashboard', {
      metadata: { name: `${OPERATOR_NAME}-dashboard`, namespace: NAMESPACE, labels: { grafana_dashboard: '1' } },
      data: { 'konductor.json': `${JSON.stringify(dashboard, null, 2)}\n` },
    });
  }
}

/** Uses the token of Prometheus, whose service account must be bound to konductor-metrics-reader. */
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

/** `lasts`: how long the expression must hold. */
const alerts = {
  KonductorOperatorDown: {
    severity: 'critical',
    expr: `absent(up{${JOB}} == 1)`,
    lasts: '5m',
    summary: 'No Konductor operator is running',
    description:
      'add, done and wait still work, but no completion is recorded and no WaitGroup is deleted after its TTL.',
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
  KonductorHandlerStuck: {
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
    description: 'The operator retries with backoff; completions and expirations are delayed.',
  },
  KonductorClockDiffers: {
    severity: 'warning',
    expr: `max(abs(konductor_operator_clock_offset_seconds{${JOB}})) > 5`,
    lasts: '10m',
    summary: 'The clocks of a Konductor operator and of the API server differ',
    description:
      'Synchronize the nodes with NTP. TTLs stay exact, because the operator uses the time of the API server.',
  },
};

const rules = Object.entries(alerts).map(([alert, { severity, expr, lasts, ...annotations }]) => ({
  ...{ alert, expr, for: lasts, labels: { severity }, annotations },
}));

/** Title, expression, legend, and unit of Grafana. */
const panels: readonly (readonly [title: string, expr: string, legend: string, unit: string])[] = [
  ['WaitGroups', `max by (phase) (konductor_waitgroups{${JOB}})`, '{{phase}}', 'short'],
  ['Leader', `leader_election_master_status{${JOB}}`, '{{pod}}', 'short'],
  ['Completions', `sum(rate(konductor_waitgroup_completions_total{${JOB}}[5m]))`, 'completions', 'ops'],
  ['Expirations', `sum(rate(konductor_waitgroup_expirations_total{${JOB}}[5m]))`, 'expirations', 'ops'],
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
