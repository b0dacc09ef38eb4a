// The values of the Helm chart: their defaults, and the schema that rejects other values.
import { DNS_LABEL, DNS_SUBDOMAIN } from '@konductor/schema';
import { Yaml } from 'cdk8s';
import { DEFAULT_RESOURCES } from '../../install/operator-props.ts';
import { MAX_COUNT } from '../../props/rules.ts';

/** The text of values.yaml. */
export function valuesYaml(repository: string): string {
  const resources = indent(Yaml.stringify(DEFAULT_RESOURCES));
  return `# Namespace of the operator; it must exist. Default: the namespace of the release.
namespace: ""

# Number of operator pods. One is the leader, the others are on standby.
replicas: 1

image:
  # No registry serves this name: build the image with "npm run images" and load it into the nodes, or push it to your registry and
  # set its name.
  repository: ${repository}
  # Default: the appVersion of the chart.
  tag: ""
  # For example sha256:…; overrides the tag.
  digest: ""
  pullPolicy: IfNotPresent

# Secrets in the operator's namespace for pulling its image, for example [{name: my-registry}].
imagePullSecrets: []

# Resources of the operator's container.
resources:
${resources}
secureMetrics:
  # Secret of type kubernetes.io/tls in the operator's namespace. With it, metrics are served over HTTPS on port 8443, to accounts
  # bound to the ClusterRole konductor-metrics-reader. Default: over HTTP on port 8080, without authentication.
  certificateSecret: ""

networkPolicy:
  # Limits what reaches the operator's pods to its metrics. The kubelet's probes are not limited.
  enabled: true

hold:
  # Lets the operator release Jobs and pods with the label konductor.io/after, and change nothing else of them.
  enabled: false
  # The label alone holds Jobs and pods when they are created, which requires Kubernetes 1.36. With false, they set spec.suspend, or
  # the scheduling gate konductor.io/after.
  mutate: true
`;
}

function indent(yaml: string): string {
  return yaml.replace(/^(?=.)/gm, '  ');
}

const text = (pattern: string) => ({ type: 'string', pattern });
const emptyOr = (pattern: string) => text(`^$|${pattern}`);
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/, without negative ones
const QUANTITY = '^([0-9]+\\.?[0-9]*|\\.[0-9]+)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][-+]?[0-9]+)?$';
const quantities = {
  type: 'object',
  additionalProperties: { type: ['string', 'number'], pattern: QUANTITY, minimum: 0 },
};

const switches = (...names: readonly string[]) => ({
  ...{ type: 'object', additionalProperties: false },
  properties: Object.fromEntries(names.map((name) => [name, { type: 'boolean' }])),
});

/** The content of values.schema.json: unknown values are rejected rather than ignored. */
export const valuesSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  // The templates need these values, whose defaults null would remove.
  required: ['replicas', 'image'],
  properties: {
    // Values that a parent chart shares with its subcharts.
    global: { type: 'object' },
    namespace: emptyOr(DNS_LABEL.source),
    replicas: { type: 'integer', minimum: 0, maximum: MAX_COUNT },
    image: {
      type: 'object',
      additionalProperties: false,
      required: ['repository', 'pullPolicy'],
      properties: {
        repository: text('^\\S+$'),
        tag: emptyOr('^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$'),
        digest: emptyOr('^[a-z0-9]+:[a-f0-9]{32,}$'),
        pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
      },
    },
    imagePullSecrets: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name'],
        properties: { name: text(DNS_SUBDOMAIN.source) },
      },
    },
    resources: {
      type: 'object',
      additionalProperties: false,
      properties: { requests: quantities, limits: quantities },
    },
    secureMetrics: {
      type: 'object',
      additionalProperties: false,
      properties: { certificateSecret: emptyOr(DNS_SUBDOMAIN.source) },
    },
    networkPolicy: switches('enabled'),
    hold: switches('enabled', 'mutate'),
  },
};
