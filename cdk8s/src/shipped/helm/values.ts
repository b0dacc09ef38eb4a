// The values of the Helm chart, each declared once.
import { DNS_LABEL, DNS_SUBDOMAIN } from '@konductor/schema';
import { DEFAULT_RESOURCES } from '../../install/operator-props.ts';
import { MAX_COUNT } from '../../props/rules.ts';
import { restrictedContainer, restrictedPod } from '../../workloads/pod-security.ts';
import { emptyOr, flag, type Group, group, objects, strings, value } from './declaration.ts';
import { image, pullSecrets, resources } from './image-values.ts';
import { certManager, monitoring, networkPolicy } from './network-values.ts';

const anything = { type: 'object' };

export const values: Group = group(
  '',
  {
    enabled: {
      description: 'For parent charts: the usual condition of a dependency. The chart itself ignores it.',
      schema: { type: 'boolean' },
    },
    tags: { description: 'For parent charts, like `enabled`.', schema: anything },
    global: group(
      'Values that a parent chart shares with its subcharts.',
      {
        imageRegistry: emptyOr('Registry of the images, in the place of the one in their `repository`.', '^\\S+$'),
        imagePullSecrets: pullSecrets('Secrets for pulling the images, in addition to `imagePullSecrets`.'),
      },
      { additionalProperties: true },
    ),
    nameOverride: emptyOr('The same as `fullnameOverride`, which precedes it.', DNS_LABEL.source),
    fullnameOverride: emptyOr(
      'Name of the operator’s objects in its namespace. Default: `konductor-operator`, whatever the release. Its Lease, and the objects of the cluster, keep their names.',
      DNS_LABEL.source,
    ),
    namespace: emptyOr(
      'Namespace of the operator; it must exist. Default: the namespace of the release.',
      DNS_LABEL.source,
    ),
    commonLabels: strings('Labels of all objects, in addition to the recommended ones.'),
    crds: group('', {
      enabled: flag('Installs and upgrades the CRDs with the release.', true),
      keep: flag('Keeps the CRDs when the release is uninstalled. `false` deletes **all WaitGroups** with it.', true),
    }),
    replicas: value('Number of operator pods. One is the leader, the others are on standby.', 1, {
      ...{ type: 'integer', minimum: 0, maximum: MAX_COUNT },
    }),
    image: image('operator', 'The operator.'),
    koncli: group('', { image: image('koncli', 'koncli, for `injection` and `helm test`.') }),
    imagePullSecrets: pullSecrets(
      'Secrets for pulling the images. They are Secrets of the operator’s namespace, and with `injection` of the namespaces of the labelled pods.',
    ),
    serviceAccount: group('', {
      create: flag('Creates the operator’s ServiceAccount. With `false`, `name` is required.', true),
      name: emptyOr('Default: `fullnameOverride`.', DNS_SUBDOMAIN.source),
      annotations: strings(''),
    }),
    logLevel: value('Minimum level to log. Default: `info`.', '', {
      enum: ['', 'debug', 'info', 'warn', 'error'],
    }),
    extraArgs: value('Further flags of the operator, such as `--leader-elect-lease-duration=30s`.', [], {
      ...{ type: 'array', items: { type: 'string', pattern: '^--' } },
    }),
    resources: resources('Resources of the operator’s container.', DEFAULT_RESOURCES),
    podLabels: strings('Labels of the operator’s pods.'),
    podAnnotations: strings('Annotations of the operator’s pods.'),
    podSecurityContext: value(
      'Security context of the operator’s pods; `null` removes a field.',
      restrictedPod(),
      anything,
    ),
    securityContext: value(
      'Security context of the operator’s container; `null` removes a field.',
      restrictedContainer(),
      anything,
    ),
    nodeSelector: strings('Labels of the nodes that the operator may run on.'),
    tolerations: objects('Taints that the operator tolerates.'),
    affinity: value('Affinity to nodes and other pods.', {}, anything),
    topologySpreadConstraints: objects(
      'How replicas are spread. A constraint without a `labelSelector` selects the operator’s own pods.',
    ),
    priorityClassName: emptyOr('For example `system-cluster-critical`.', DNS_SUBDOMAIN.source),
    podDisruptionBudget: group('', {
      enabled: flag('Creates a PodDisruptionBudget, which is useful with several replicas.', false),
      maxUnavailable: value('A number of pods, or a percentage.', 1, {
        ...{ type: ['integer', 'string'], minimum: 1, pattern: '^[0-9]+%$' },
      }),
    }),
    networkPolicy,
    secureMetrics: group('', {
      certificateSecret: emptyOr(
        'Secret of type kubernetes.io/tls in the operator’s namespace. With it, metrics are served over HTTPS on port 8443, to accounts bound to the ClusterRole konductor-metrics-reader. Default: over HTTP on port 8080, without authentication.',
        DNS_SUBDOMAIN.source,
      ),
      certManager,
    }),
    ...monitoring,
    hold: group('', {
      enabled: flag(
        'Lets the operator release Jobs and pods with the label konductor.io/after, and change nothing else of them.',
        false,
      ),
      mutate: flag(
        'The label alone holds Jobs and pods when they are created, which requires Kubernetes 1.36. With `false`, they set spec.suspend, or the scheduling gate konductor.io/after.',
        true,
      ),
    }),
    injection: group('', {
      enabled: flag(
        'Injects koncli into every pod with the label konductor.io/waitgroup, which requires Kubernetes 1.36.',
        false,
      ),
    }),
  },
  // The templates need these values, whose defaults null would remove.
  { required: ['replicas', 'image'] },
);
