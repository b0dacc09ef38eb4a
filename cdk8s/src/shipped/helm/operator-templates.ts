// Turns the objects of an install into templates: which of their fields are values, and which values enable them.
import { JsonPatch } from 'cdk8s';
import { METRICS_NAME } from '../../install/alerts.ts';
import { NAMESPACE, OPERATOR_NAME } from '../../install/operator-deployment.ts';
import {
  ACCOUNT_NAME,
  CERTIFICATE_SECRET,
  FULL_NAME,
  imageOf,
  labelsOf,
  NAMESPACE_VALUE,
  PULL_SECRETS,
  unlessFalse,
} from './helpers.ts';
import { type KubeObject, nameOf } from './kube-object.ts';
import type { Placeholders } from './placeholders.ts';

export type Patches = (placeholders: Placeholders, object: KubeObject) => JsonPatch[];
const { add, replace } = JsonPatch;

/** The fields of one kind that are values. */
export const patches: Readonly<Record<string, Patches>> = {
  ServiceAccount: (p) => [
    add('/metadata/annotations', p.optional('(.Values.serviceAccount).annotations')),
    replace('/metadata/name', p.value(ACCOUNT_NAME)),
  ],
  Deployment: deploymentPatches,
  NetworkPolicy: (p) => [
    add('/spec/ingress/0/from', p.optional('(.Values.networkPolicy).metricsFrom')),
    add('/spec/ingress/-', p.items('(.Values.networkPolicy).extraIngress')),
    add('/spec/policyTypes/-', p.item('(.Values.networkPolicy).apiServerPorts', 'Egress')),
    add('/spec/egress', p.optionalYaml('include "konductor.egress" .')),
  ],
  PodDisruptionBudget: (p) => [
    replace('/spec/maxUnavailable', p.value('.Values.podDisruptionBudget.maxUnavailable | default 1')),
  ],
  ServiceMonitor: (p, { spec }) => [
    replace('/metadata/labels', p.yaml(labelsOf('operator', '.Values.serviceMonitor.labels'))),
    add('/spec/endpoints/0/interval', p.optional('.Values.serviceMonitor.interval')),
    ...(JSON.stringify(spec).includes('"tlsConfig"')
      ? [replace('/spec/endpoints/0/tlsConfig/ca/secret/name', p.value(CERTIFICATE_SECRET))]
      : []),
  ],
  PrometheusRule: (p) => [replace('/metadata/labels', p.yaml(labelsOf('operator', '.Values.prometheusRule.labels')))],
  ConfigMap: (p) => {
    const extra = '(merge (dict "grafana_dashboard" "1") (.Values.dashboard.labels | default dict))';
    return [replace('/metadata/labels', p.yaml(labelsOf('operator', extra)))];
  },
};

function deploymentPatches(p: Placeholders, object: KubeObject): JsonPatch[] {
  const isSecure = JSON.stringify(object).includes('"secretName"');
  const pod = '/spec/template/spec';
  const named = (name: string) => add(`${pod}/${name}`, p.optional(`.Values.${name}`));
  return [
    replace('/spec/replicas', p.value('.Values.replicas')),
    replace('/spec/template/metadata/labels', p.yaml(labelsOf('operator', '.Values.podLabels'))),
    add('/spec/template/metadata/annotations', p.optional('.Values.podAnnotations')),
    ...containerPatches(p, object, `${pod}/containers/0`),
    replace(`${pod}/securityContext`, p.yaml(orDefault('podSecurityContext', podOf(object).securityContext))),
    replace(`${pod}/serviceAccountName`, p.value(ACCOUNT_NAME)),
    add(`${pod}/imagePullSecrets`, p.optionalYaml(PULL_SECRETS)),
    add(`${pod}/topologySpreadConstraints`, p.optionalYaml('include "konductor.topologySpreadConstraints" .')),
    ...['nodeSelector', 'tolerations', 'affinity', 'priorityClassName'].map(named),
    ...(isSecure ? [replace(`${pod}/volumes/0/secret/secretName`, p.value(CERTIFICATE_SECRET))] : []),
  ];
}

function containerPatches(p: Placeholders, object: KubeObject, container: string): JsonPatch[] {
  const { securityContext } = podOf(object).containers[0] ?? {};
  return [
    add(`${container}/args/-`, p.item('.Values.logLevel', '--log-level={{ . }}')),
    add(`${container}/args/-`, p.items('.Values.extraArgs')),
    replace(`${container}/image`, p.value(`${imageOf('.Values.image')} | quote`)),
    replace(`${container}/imagePullPolicy`, p.value('.Values.image.pullPolicy')),
    replace(`${container}/resources`, p.yaml('toYaml .Values.resources')),
    replace(`${container}/securityContext`, p.yaml(orDefault('securityContext', securityContext))),
  ];
}

/** The value, or the default of this release where `--reuse-values` leaves it out. */
export function orDefault(name: string, initial: unknown): string {
  const text = JSON.stringify(JSON.stringify(initial));
  return `ternary .Values.${name} (fromJson ${text}) (kindIs "map" .Values.${name}) | toYaml`;
}

interface Pod {
  readonly securityContext?: object;
  readonly containers: readonly { readonly securityContext?: object }[];
}
const podOf = ({ spec }: KubeObject) => (spec as { template: { spec: Pod } }).template.spec;

const enabled = (name: string) => `(.Values.${name}).enabled`;
const conditions: Readonly<Record<string, string>> = {
  ServiceAccount: unlessFalse('(.Values.serviceAccount).create'),
  NetworkPolicy: unlessFalse(enabled('networkPolicy')),
  PodDisruptionBudget: enabled('podDisruptionBudget'),
  ServiceMonitor: enabled('serviceMonitor'),
  PrometheusRule: enabled('prometheusRule'),
  ConfigMap: enabled('dashboard'),
};

/** The condition of objects that the values enable. */
export function conditionOf({ kind, metadata }: KubeObject): string | undefined {
  const isHold = /\bhold\b/.test(nameOf(metadata));
  if (!kind.startsWith('MutatingAdmissionPolicy')) return conditions[kind] ?? (isHold ? enabled('hold') : undefined);
  return isHold ? `and ${enabled('hold')} (.Values.hold).mutate` : enabled('injection');
}

/** Names within texts, such as queries of Prometheus and expressions of policies. */
export function replaceNames(text: string): string {
  return text
    .replaceAll(`:${NAMESPACE}:${OPERATOR_NAME}`, `:{{ ${NAMESPACE_VALUE} }}:{{ ${ACCOUNT_NAME} }}`)
    .replaceAll(`${METRICS_NAME}.${NAMESPACE}.svc`, `{{ ${FULL_NAME} }}-metrics.{{ ${NAMESPACE_VALUE} }}.svc`)
    .replaceAll(new RegExp(`(job=\\\\*")${METRICS_NAME}`, 'g'), `$1{{ ${FULL_NAME} }}-metrics`);
}
