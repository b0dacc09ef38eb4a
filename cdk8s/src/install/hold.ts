// Lets the operator release the Jobs and pods that wait for a WaitGroup, and nothing else; and holds them by their label alone, by
// admission policies in the API server, without a webhook.
import {
  AFTER_LABEL,
  HOLD_GATE,
  KUEUE_GATES_ANNOTATION,
  KUEUE_QUEUE_LABEL,
  RELEASED_AT_ANNOTATION,
} from '@konductor/schema';
import { Construct } from 'constructs';
import { checkFields, checkOnlyOne, inConstruct, optional } from '../props/check-props.ts';
import { checkAccountName, checkName } from '../props/rules.ts';
import { addPolicy } from '../rbac/admission-policy.ts';
import { HoldRoles } from '../rbac/grant.ts';
import { holdPolicy } from '../rbac/hold-policy.ts';
import { addMutation, creation, IS_NO_MIRROR_POD, namespaceSelector } from './mutation.ts';
import { NAMESPACE, OPERATOR_LABELS, OPERATOR_NAME } from './operator-deployment.ts';

/** Props of {@link KonductorHold}. */
export interface KonductorHoldProps {
  /** Namespace of the operator. Default: konductor-system. */
  readonly operatorNamespace?: string;
  /** Name of the operator's service account. Default: konductor-operator. */
  readonly serviceAccountName?: string;
  /** The only namespace that the operator watches, whose name becomes a part of the policies' names. Default: all namespaces. */
  readonly watchNamespace?: string;
  /**
   * Whether the label konductor.io/after alone holds Jobs and pods when they are created, which requires Kubernetes 1.36 or later.
   * Otherwise, they set `suspend` or the scheduling gate themselves. Default: true.
   */
  readonly mutate?: boolean;
}

/**
 * Lets the operator release Jobs and pods with the label konductor.io/after: permission to patch them, bounded to just that by an
 * admission policy on the operator's account; and policies that hold them by the label alone. Once per operator, in addition to
 * its install.
 */
export class KonductorHold extends Construct {
  constructor(scope: Construct, id: string, props: KonductorHoldProps = {}) {
    super(scope, id);
    checkOnlyOne('KonductorHold', this);
    const names = { operatorNamespace: optional(checkName), serviceAccountName: optional(checkAccountName) };
    inConstruct('KonductorHold', this, () => checkFields(props, { ...names, watchNamespace: optional(checkName) }));
    const { operatorNamespace: namespace = NAMESPACE, serviceAccountName: name = OPERATOR_NAME } = props;
    const { watchNamespace, mutate = true } = props;
    const labels = OPERATOR_LABELS;
    const limitedTo = watchNamespace !== undefined && { namespace: watchNamespace };
    new HoldRoles(this, 'Roles', { subject: { kind: 'ServiceAccount', name, namespace }, labels, limitedTo });
    const policyName = limitedTo ? `${watchNamespace}.${POLICY}` : POLICY;
    addPolicy(this, holdPolicy(policyName, `system:serviceaccount:${namespace}:${name}`), labels);
    if (!mutate) return;
    const target = { labels, namespace: watchNamespace };
    addMutation(this, { ...target, name: `jobs.${policyName}`, spec: jobsPolicy });
    addMutation(this, { ...target, name: `pods.${policyName}`, spec: podsPolicy });
  }
}

const POLICY = 'hold.konductor.io';
const objectSelector = { matchExpressions: [{ key: AFTER_LABEL, operator: 'Exists' }] };
const common = {
  // Something that must wait does not start unheld; without a webhook, nothing can be unavailable.
  failurePolicy: 'Fail',
  reinvocationPolicy: 'IfNeeded',
};
const apply = (expression: string) => [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }];

const ANNOTATIONS = 'object.metadata.?annotations.orValue({})';
const SUSPEND = 'Object{spec: Object.spec{suspend: true}}';
// The API server takes 20 s for an annotation of 32,000 entries that an expression splits; this takes it no time.
const IN_GATES = `(^|,)[[:space:]]*${HOLD_GATE.replace('.', '[.]')}[[:space:]]*(,|$)`;
const GATE = `Object{metadata: Object.metadata{annotations: {'${KUEUE_GATES_ANNOTATION}':
  variables.gates.matches('${IN_GATES}') ? variables.gates :
  variables.gates == '' ? '${HOLD_GATE}' : variables.gates + ',${HOLD_GATE}'}}}`;

/** Kueue owns `suspend` of its Jobs, and admits none before the last entry of its annotation is removed. */
const jobsPolicy = {
  ...{ matchConstraints: { resourceRules: [creation('batch', 'jobs')], objectSelector, namespaceSelector }, ...common },
  variables: [{ name: 'gates', expression: `${ANNOTATIONS}[?'${KUEUE_GATES_ANNOTATION}'].orValue('')` }],
  matchConditions: [
    {
      // A copy of a Job that was released, such as a restored backup, would be held forever: the operator releases a Job once.
      name: 'was-not-released',
      expression: `!('${RELEASED_AT_ANNOTATION}' in ${ANNOTATIONS})`,
    },
  ],
  mutations: apply(`'${KUEUE_QUEUE_LABEL}' in object.metadata.labels ? ${GATE} : ${SUSPEND}
`),
};

/** The API server accepts no gate on a pod that has a node already, such as that of a static pod. */
const podsPolicy = {
  ...{ matchConstraints: { resourceRules: [creation('', 'pods')], objectSelector, namespaceSelector }, ...common },
  matchConditions: [IS_NO_MIRROR_POD, { name: 'has-no-node', expression: "object.spec.?nodeName.orValue('') == ''" }],
  mutations: apply(`Object{spec: Object.spec{schedulingGates: [Object.spec.schedulingGates{name: '${HOLD_GATE}'}]}}`),
};
