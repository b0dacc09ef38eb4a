// docs/reference/metrics.md: the metrics of the operator's registry, and the alerts and panels on them.
import { readFileSync } from 'node:fs';
import { ServerClock } from '@konductor/client';
import { Metrics } from '@konductor/operator';
import { parseAllDocuments } from 'yaml';
import { root } from '../root.ts';
import { block, code, page, prose, table } from './markdown.ts';

const ABOUT = `What the operator reports at \`/metrics\`, and the alerts and the dashboard of \`cdk8s/manifests/monitoring.yaml\`. Names, labels and
buckets are those of controller-runtime and client-go where these have one. No label contains the name of an object.
[Running the operator](../guides/operator.md#metrics) says how to scrape it.`;

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string }[];
  readonly fieldConfig: { readonly defaults: { readonly unit: string } };
}

interface Family {
  readonly name: string;
  readonly type: string;
  readonly labelNames: readonly string[];
  readonly help: string;
}

export async function metricsPage(): Promise<string> {
  const metrics = declaredMetrics();
  const text = (await metrics.routes()['/metrics']?.({ path: '/metrics', authorization: undefined }))?.body ?? '';
  const families = [...metrics.families()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const own = families.filter(({ name }) => name.startsWith('konductor_'));
  const others = families.filter((family) => !own.includes(family));
  const { alerts, panels } = shipped();
  const body = [
    `## Metrics of Konductor\n\n${metricsTable(own, text)}`,
    `## Metrics of the controller, its requests and its process\n\n${metricsTable(others, text)}`,
    '`leader_election_master_status` is there only with `--leader-elect`, and the metrics of memory and file descriptors only on Linux.',
    '## Alerts\n\nEach alert links here by its annotation `runbook_url`.',
    ...alerts.map(alertSection),
    `## Dashboard\n\n${panelsTable(panels)}`,
  ].join('\n\n');
  return page({ title: 'Metrics', origin: "the operator's registry and monitoring.yaml", about: ABOUT, body });
}

function metricsTable(families: readonly Family[], text: string): string {
  const rows = families.map(({ name, type, labelNames, help }) => {
    const labels = labelNames.map((label) => `${code(label)}${valuesOf(text, name, label)}`);
    return [code(name), type, labels.join('; '), unitOf(name), prose(help)];
  });
  return table(['metric', 'type', 'labels', 'unit', 'help'], rows);
}

/** The values of a label that are there before anything has happened. */
function valuesOf(text: string, name: string, label: string): string {
  const samples = text.matchAll(new RegExp(`^${name}\\{[^}]*\\b${label}="([^"]*)"`, 'gm'));
  const values = [...new Set([...samples].map(([, value = '']) => value))];
  return values.length > 0 ? `: ${values.map(code).join(', ')}` : '';
}

function unitOf(name: string): string {
  return /_(seconds|bytes)(_total)?$/.exec(name)?.[1] ?? '';
}

function alertSection({ alert, expr, for: lasts, labels, annotations }: Alert): string {
  const facts = [`Severity \`${labels.severity}\`, after ${lasts}.`, `${prose(annotations.summary)}.`];
  return [`### ${alert}`, facts.join(' '), block(expr, 'promql'), prose(annotations.description)].join('\n\n');
}

function panelsTable(panels: readonly Panel[]): string {
  const rows = panels.map(({ title, targets, fieldConfig }) => [
    title,
    fieldConfig.defaults.unit,
    targets.map(({ expr }) => code(expr)).join(', '),
  ]);
  return table(['panel', "Grafana's unit", 'expression'], rows);
}

export function shipped(): { alerts: readonly Alert[]; panels: readonly Panel[] } {
  const text = readFileSync(`${root}/cdk8s/manifests/monitoring.yaml`, 'utf8');
  const objects = parseAllDocuments(text).map((document) => document.toJS());
  const find = (kind: string) => objects.find((object) => object.kind === kind);
  const alerts = find('PrometheusRule').spec.groups.flatMap(({ rules }: { rules: Alert[] }) => rules);
  return { alerts, panels: JSON.parse(find('ConfigMap').data['konductor.json']).panels };
}

/** Everything that an operator can report. The enumerated values are those of its sources. */
export function declaredMetrics(): Metrics {
  const metrics = new Metrics();
  const none = () => 0;
  const source = {
    ...{ queueDepth: 0, activeWorkers: 0, concurrency: 0 },
    phases: () => ({ Waiting: 0, Done: 0 }),
    workerStates: () => ({ Active: 0, Done: 0, Failed: 0, Lost: 0 }),
    ...{ oldestWaitingSeconds: none, uncountedWorkers: none, overruns: none },
  };
  metrics.observe(source, { count: none });
  metrics.observeJobs(() => ({ Unfinished: 0, Complete: 0, Failed: 0 }));
  metrics.observeClock(new ServerClock());
  metrics.observeLeader('konductor-operator', () => true);
  return metrics;
}
