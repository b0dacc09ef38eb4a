// What the ValidatingAdmissionPolicies have in common.
import { API_GROUP } from '@konductor/schema';
import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';

/** The differences between the policies; every expression is CEL. */
export interface AdmissionPolicy {
  readonly name: string;
  readonly resourceRules: readonly object[];
  /** Requests for which one of them is false are not checked. */
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  readonly variables?: readonly { readonly name: string; readonly expression: string }[];
  /** In the order in which they are reported. `messageExpression` replaces the message, unless it fails. */
  readonly validations: readonly {
    readonly expression: string;
    readonly message: string;
    readonly messageExpression?: string;
  }[];
}

/** Whether the requester can do this on the WaitGroup whose name an expression gives. */
export const canOnWaitGroup = (verb: string, subresource: string, name: string) =>
  `authorizer.group('${API_GROUP}').resource('waitgroups').subresource('${subresource}').namespace(request.namespace).name(${name}).check('${verb}').allowed()`;

/** Requests that are checked. The scope is the default one. */
export const rule = (apiGroup: string, resource: string, ...operations: readonly ('CREATE' | 'UPDATE')[]) => ({
  ...{ apiGroups: [apiGroup], apiVersions: ['*'], resources: [resource], operations, scope: '*' },
});

/** A policy that denies, and its binding. */
export function addPolicy(scope: Construct, policy: AdmissionPolicy, labels: Readonly<Record<string, string>>): void {
  const { name } = policy;
  const common = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name, labels } };
  new ApiObject(scope, `${name}-policy`, { ...common, kind: 'ValidatingAdmissionPolicy', spec: policySpec(policy) });
  const spec = { policyName: name, validationActions: ['Deny'] };
  new ApiObject(scope, `${name}-binding`, { ...common, kind: 'ValidatingAdmissionPolicyBinding', spec });
}

function policySpec({ resourceRules, matchConditions, variables, validations }: AdmissionPolicy): object {
  return {
    // With the defaults, of which the API server compares all or none: without them, client-side apply would report a change each
    // time, and server-side apply a conflict after it.
    matchConstraints: { resourceRules, matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} },
    matchConditions,
    failurePolicy: 'Fail',
    variables,
    validations: validations.map((validation) => ({ ...validation, reason: 'Forbidden' })),
  };
}
