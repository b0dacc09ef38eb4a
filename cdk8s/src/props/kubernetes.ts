// Parts of a pod and of a NetworkPolicy that users give as Kubernetes has them: checked by their fields, as cdk8s-plus-27
// leaves out in silence what it does not know, and throws raw errors where a list is none.
import type { k8s } from 'cdk8s-plus-27';
import { checkLabels } from './labels.ts';
import { checkIsText, checkName, oneOf, type Rule, wholeNumber } from './rules.ts';
import { listOf, objectOf, optional } from './shapes.ts';

const texts = listOf(checkIsText);
const seconds = wholeNumber(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const weight = wholeNumber(1, 100);
const atLeastOne = wholeNumber(1);

const labelSelector = objectOf<k8s.LabelSelector>({
  matchLabels: optional(checkLabels),
  matchExpressions: optional(
    listOf(
      objectOf<k8s.LabelSelectorRequirement>({
        key: checkIsText,
        operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'),
        values: optional(texts),
      }),
    ),
  ),
});

export const checkToleration = objectOf<k8s.Toleration>({
  key: optional(checkIsText),
  operator: optional(oneOf('Exists', 'Equal')),
  value: optional(checkIsText),
  effect: optional(oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute')),
  tolerationSeconds: optional(seconds),
});

export const checkTopologySpread = objectOf<k8s.TopologySpreadConstraint>({
  maxSkew: atLeastOne,
  topologyKey: checkIsText,
  whenUnsatisfiable: oneOf('DoNotSchedule', 'ScheduleAnyway'),
  labelSelector: optional(labelSelector),
  matchLabelKeys: optional(texts),
  minDomains: optional(atLeastOne),
  nodeAffinityPolicy: optional(oneOf('Honor', 'Ignore')),
  nodeTaintsPolicy: optional(oneOf('Honor', 'Ignore')),
});

const nodeRequirements = listOf(
  objectOf<k8s.NodeSelectorRequirement>({
    key: checkIsText,
    operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'),
    values: optional(texts),
  }),
);
const nodeTerm = objectOf<k8s.NodeSelectorTerm>({
  matchExpressions: optional(nodeRequirements),
  matchFields: optional(nodeRequirements),
});
const podTerm = objectOf<k8s.PodAffinityTerm>({
  topologyKey: checkIsText,
  labelSelector: optional(labelSelector),
  namespaceSelector: optional(labelSelector),
  namespaces: optional(listOf(checkName)),
});
/** Of neighbours, to be near to or away from. */
const podAffinity = objectOf<k8s.PodAffinity & k8s.PodAntiAffinity>({
  requiredDuringSchedulingIgnoredDuringExecution: optional(listOf(podTerm)),
  preferredDuringSchedulingIgnoredDuringExecution: optional(
    listOf(objectOf<k8s.WeightedPodAffinityTerm>({ weight, podAffinityTerm: podTerm })),
  ),
});

export const checkAffinity = objectOf<k8s.Affinity>({
  nodeAffinity: optional(
    objectOf<k8s.NodeAffinity>({
      requiredDuringSchedulingIgnoredDuringExecution: optional(
        objectOf<k8s.NodeSelector>({ nodeSelectorTerms: listOf(nodeTerm) }),
      ),
      preferredDuringSchedulingIgnoredDuringExecution: optional(
        listOf(objectOf<k8s.PreferredSchedulingTerm>({ weight, preference: nodeTerm })),
      ),
    }),
  ),
  podAffinity: optional(podAffinity),
  podAntiAffinity: optional(podAffinity),
});

export const checkNetworkPeer: Rule = (peer, what) => {
  objectOf<k8s.NetworkPolicyPeer>({
    ipBlock: optional(objectOf<k8s.IpBlock>({ cidr: checkIsText, except: optional(texts) })),
    namespaceSelector: optional(labelSelector),
    podSelector: optional(labelSelector),
  })(peer, what);
  if (Object.keys(peer as object).length === 0)
    throw new Error(`${what} is empty: give it an ipBlock, a namespaceSelector or a podSelector`);
};
