// The certificate of secured metrics, which cert-manager maintains.
import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { METRICS_NAME } from '../../install/alerts.ts';
import { NAMESPACE } from '../../install/operator-deployment.ts';
import { CERTIFICATE_SECRET, FULL_NAME } from './helpers.ts';
import type { KubeObject } from './kube-object.ts';
import type { Patches } from './operator-templates.ts';
import { conditional, template } from './templates.ts';

const CERT_MANAGER = '(.Values.secureMetrics).certManager';
const issuerRef = `${CERT_MANAGER}.issuerRef`;
const common = { apiVersion: 'cert-manager.io/v1', metadata: { name: METRICS_NAME, namespace: NAMESPACE } };

/** The text of templates/certificate.yaml. */
export function certificateTemplate(): string {
  const chart = new Chart(new App(), 'certificate');
  const issuer = new ApiObject(chart, 'Issuer', { ...common, kind: 'Issuer', spec: { selfSigned: {} } });
  const spec = { dnsNames: [`${METRICS_NAME}.${NAMESPACE}.svc`] };
  const certificate = new ApiObject(chart, 'Certificate', { ...common, kind: 'Certificate', spec });
  const templates = [
    conditional(`not ${issuerRef}`, template(issuer.toJson() as KubeObject)),
    template(certificate.toJson() as KubeObject, { change }),
  ];
  return conditional(`(${CERT_MANAGER}).enabled`, templates.join(''));
}

const change: Patches = (p) => [
  JsonPatch.add('/spec/secretName', p.value(CERTIFICATE_SECRET)),
  JsonPatch.add(
    '/spec/issuerRef',
    p.yaml(`${issuerRef} | default (dict "name" (printf "%s-metrics" (${FULL_NAME})) "kind" "Issuer") | toYaml`),
  ),
];
