// The values of the network policy, of the metrics' certificate, and of what reads the metrics.
import { flag, group, objects, strings, value } from './declaration.ts';

export const networkPolicy = group('', {
  enabled: flag('Limits what reaches the operator’s pods to its metrics. The kubelet’s probes are not limited.', true),
  metricsFrom: objects('Peers that may read the metrics. Default: all peers.'),
  extraIngress: objects('Further rules for incoming traffic.'),
  apiServerPorts: value(
    'Limits outgoing traffic to these ports: the port of the API server’s Service, and that of its endpoints, for example `[443, 6443]`. Default: it is not limited.',
    [],
    { type: 'array', items: { type: 'integer', minimum: 1, maximum: 65_535 } },
  ),
});

export const certManager = group('', {
  enabled: flag(
    'Lets cert-manager maintain the certificate, in `certificateSecret` or a Secret of its own name.',
    false,
  ),
  issuerRef: value('Issuer of the certificate. Default: a self-signed Issuer of the chart.', {}, { type: 'object' }),
});

const LABELS = 'Labels by which Prometheus selects it, such as `release: kube-prometheus-stack`.';

export const monitoring = {
  serviceMonitor: group('', {
    enabled: flag('Creates a ServiceMonitor for the Prometheus operator; it fits to `secureMetrics`.', false),
    labels: strings(LABELS),
    interval: value('How often metrics are read, such as `30s`. Default: that of Prometheus.', '', {
      ...{ type: 'string', pattern: '^$|^([0-9]+(ms|[smh]))+$' },
    }),
  }),
  prometheusRule: group('', {
    enabled: flag('Creates a PrometheusRule with the alerts.', false),
    labels: strings(LABELS),
  }),
  dashboard: group('', {
    enabled: flag('Creates a ConfigMap with the dashboard, which Grafana’s sidecar loads.', false),
    labels: strings('Labels in addition to `grafana_dashboard`.'),
  }),
};
