// Compares the alerts and the dashboard with the metrics of the compiled operator.
import { KonductorMonitoring } from '@konductor/cdk8s';
import { expect, inject, it } from 'vitest';
import { pick, synth } from '../../cdk8s/synth.ts';
import { installOperator, startOperatorIn } from '../../support/cluster/installed-operator.ts';
import { createNamespace } from '../../support/cluster/namespaces.ts';
import { sampleLabels } from '../../support/cluster/prometheus.ts';
import { metricsOf } from '../../support/processes/operator.ts';
import { eventually } from '../../support/waiting/eventually.ts';

const controlPlane = inject('controlPlane');
const manifests = synth((scope) => new KonductorMonitoring(scope, 'Monitoring'));

/** Labels that Prometheus adds to every target, and a histogram to its buckets. */
const ALWAYS = ['job', 'pod', 'le'];
const FROM_PROMETHEUS = ['up'];

interface Panel {
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

/** The queries of the alerts, and of the dashboard's panels with their legends. */
function queries(): string[] {
  const [{ rules }] = pick(manifests, 'PrometheusRule').spec.groups;
  const { panels }: { panels: Panel[] } = JSON.parse(pick(manifests, 'ConfigMap').data['konductor.json']);
  const targets = panels.flatMap((panel) => panel.targets);
  return [
    ...rules.map(({ expr }: { expr: string }) => expr),
    ...targets.map(({ expr, legendFormat }) => `${expr} ${legendFormat}`),
  ];
}

const metricsIn = (query: string) =>
  [...query.matchAll(/(\w+)\{\w+=/g)].map(([, name = '']) => name.replace(/_bucket$/, ''));
const labelsIn = (query: string) =>
  [...query.matchAll(/by \(([\w, ]+)\)|[{,](\w+)=|\{\{(\w+)\}\}/g)].flatMap(([, grouped, matched, shown]) =>
    grouped ? grouped.split(', ') : [matched ?? shown ?? ''],
  );

it('alerts and the dashboard use metrics and labels that the operator serves', async () => {
  const kubeconfig = await installOperator(controlPlane);
  const namespace = await createNamespace(controlPlane, 'monitoring');
  // Not the Lease of the tests of leader election; a standby has all metrics, too.
  const flags = ['--leader-elect', '--leader-election-id=konductor-monitoring'];
  const operator = await startOperatorIn(namespace, kubeconfig, ...flags);
  const served = await eventually('the first request in the metrics', async () => {
    const labels = sampleLabels(await metricsOf(operator));
    return (labels.get('rest_client_requests_total')?.length ?? 0) > 0 && labels;
  });
  for (const query of queries()) {
    const metrics = metricsIn(query).filter((name) => !FROM_PROMETHEUS.includes(name));
    for (const name of metrics) expect([query, [...served.keys()]]).toEqual([query, expect.arrayContaining([name])]);
    const labels = [...ALWAYS, ...metrics.flatMap((name) => served.get(name) ?? [])];
    for (const label of labelsIn(query)) expect([query, labels]).toEqual([query, expect.arrayContaining([label])]);
  }
});
