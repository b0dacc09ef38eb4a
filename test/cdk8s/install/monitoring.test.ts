import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KonductorMonitoring, type KonductorMonitoringProps, KonductorOperator } from '@konductor/cdk8s';
import { Duration } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { pick, synth } from '../synth.ts';

const monitoring = (props?: KonductorMonitoringProps) => synth((scope) => new KonductorMonitoring(scope, 'M', props));
const operator = synth((scope) => new KonductorOperator(scope, 'Operator'));

describe('the ServiceMonitor', () => {
  it('selects the Service of the metrics by its labels and port', () => {
    const { metadata, spec } = pick(monitoring(), 'ServiceMonitor');
    const service = pick(operator, 'Service');
    expect(metadata.namespace).toBe(service.metadata.namespace);
    expect(service.metadata.labels).toMatchObject(spec.selector.matchLabels);
    expect(spec.endpoints).toEqual([{ port: service.spec.ports[0].name }]);
  });

  it('has the labels that are set, as has the PrometheusRule', () => {
    const labels = { release: 'kube-prometheus-stack' };
    for (const kind of ['ServiceMonitor', 'PrometheusRule'])
      expect(pick(monitoring({ labels }), kind).metadata.labels).toEqual(labels);
  });

  it('uses HTTPS with a token and the name of the Service if metrics are secured', () => {
    const [endpoint] = pick(monitoring({ caSecret: 'metrics-tls' }), 'ServiceMonitor').spec.endpoints;
    const { name, namespace } = pick(operator, 'Service').metadata;
    expect(endpoint).toMatchObject({
      scheme: 'https',
      bearerTokenFile: expect.any(String),
      tlsConfig: { ca: { secret: { name: 'metrics-tls', key: 'ca.crt' } }, serverName: `${name}.${namespace}.svc` },
    });
  });
});

describe('the alert on a long wait', () => {
  const alertOf = (waitsLongAfter?: Duration | string) => {
    const [{ rules }] = pick(monitoring({ ...(waitsLongAfter && { waitsLongAfter }) }), 'PrometheusRule').spec.groups;
    return rules.find(({ alert }: { alert: string }) => alert === 'KonductorWaitGroupWaitsLong');
  };

  it.each<[string, number, Duration | undefined | string]>([
    ['24h', 86_400, undefined],
    ['1h30m', 5_400, '1h30m'],
    ['2h0m0s', 7_200, Duration.hours(2)],
  ])('is raised after %s', (text, seconds, waitsLongAfter) => {
    expect(alertOf(waitsLongAfter)).toMatchObject({
      expr: `max(konductor_waitgroup_longest_wait_seconds{job="konductor-operator-metrics"}) > ${seconds}`,
      annotations: { summary: `A WaitGroup has had outstanding work for more than ${text}` },
    });
  });

  it.each([
    ['0s', 'KonductorMonitoring test/M: waitsLongAfter "0s" is not above zero; leave it out for 24h'],
    ['a day', /^KonductorMonitoring test\/M: waitsLongAfter "a day" is not a valid duration/],
  ])('cannot be raised after %s', (waitsLongAfter, message) => {
    expect(() => alertOf(waitsLongAfter)).toThrow(message);
  });
});

it('every alert says what it means and what to check', () => {
  const [{ rules }] = pick(monitoring(), 'PrometheusRule').spec.groups;
  for (const rule of rules)
    expect(rule).toEqual({
      alert: expect.stringMatching(/^Konductor[A-Z]\w+$/),
      expr: expect.any(String),
      for: expect.stringMatching(/^\d+m$/),
      labels: { severity: expect.stringMatching(/^(warning|critical)$/) },
      annotations: {
        summary: expect.stringMatching(/\w/),
        description: expect.stringMatching(/\.$/),
        runbook_url: expect.stringMatching(/^https:.*\/docs\/reference\/metrics\.md#konductor\w+$/),
      },
    });
});

it('every alert has a section in the reference, which its runbook_url names', () => {
  const reference = readFileSync(join(import.meta.dirname, '../../../docs/reference/metrics.md'), 'utf8');
  const anchors = [...reference.matchAll(/^### (\w+)$/gm)].map(([, title = '']) => title.toLowerCase());
  const [{ rules }] = pick(monitoring(), 'PrometheusRule').spec.groups;
  const links = rules.map(({ annotations }: { annotations: Record<string, string> }) => annotations.runbook_url);
  expect(links.map((link: string) => link.split('#')[1])).toEqual(anchors);
});

it('the dashboard is JSON with the label of Grafana’s sidecar, and its panels do not overlap', () => {
  const { metadata, data } = pick(monitoring(), 'ConfigMap');
  expect(metadata.labels).toEqual({ grafana_dashboard: '1' });
  const { panels } = JSON.parse(data['konductor.json']);
  const places = panels.map(({ gridPos: { x, y } }: { gridPos: { x: number; y: number } }) => `${x},${y}`);
  expect(new Set(places).size).toBe(panels.length);
});
