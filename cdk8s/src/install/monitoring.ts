// Monitoring for clusters with the Prometheus operator and Grafana: what to scrape, when to alert, and a dashboard.
import { ApiObject, type Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { checkFields, checkOnlyOne, inConstruct, optional, type Rules } from '../props/check-props.ts';
import { checkAlertAfter } from '../props/durations.ts';
import { checkSecretName } from '../props/rules.ts';
import { alertRules, METRICS_NAME } from './alerts.ts';
import { dashboard } from './dashboard.ts';
import { NAMESPACE, OPERATOR_NAME } from './operator-deployment.ts';

/** Props of {@link KonductorMonitoring}. */
export interface KonductorMonitoringProps {
  /** Labels by which Prometheus selects ServiceMonitors and rules, such as `release: kube-prometheus-stack`. */
  readonly labels?: Readonly<Record<string, string>>;
  /** If KonductorOperator has `secureMetrics`: name of the Secret whose `ca.crt` signed the operator's certificate. */
  readonly caSecret?: string;
  /** How long work of a WaitGroup may be outstanding before an alert, such as `2h`. Default: 24h. */
  readonly waitsLongAfter?: Duration | string;
}

const RULES: Rules<KonductorMonitoringProps> = {
  caSecret: optional(checkSecretName),
  waitsLongAfter: optional(checkAlertAfter),
};

/** A ServiceMonitor and a PrometheusRule (monitoring.coreos.com/v1), and a ConfigMap that Grafana's sidecar loads. */
export class KonductorMonitoring extends Construct {
  constructor(scope: Construct, id: string, props: KonductorMonitoringProps = {}) {
    super(scope, id);
    checkOnlyOne('KonductorMonitoring', this);
    inConstruct('KonductorMonitoring', this, () => checkFields(props, RULES));
    const { labels = {}, caSecret, waitsLongAfter = '24h' } = props;
    const metadata = { name: OPERATOR_NAME, namespace: NAMESPACE, labels };
    const monitoring = { apiVersion: 'monitoring.coreos.com/v1', metadata };
    const selector = { matchLabels: { 'app.kubernetes.io/name': OPERATOR_NAME } };
    const endpoints = [{ port: 'metrics', ...(caSecret && secured(caSecret)) }];
    new ApiObject(this, 'ServiceMonitor', { ...monitoring, kind: 'ServiceMonitor', spec: { selector, endpoints } });
    const groups = [{ name: OPERATOR_NAME, rules: alertRules(waitsLongAfter) }];
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
