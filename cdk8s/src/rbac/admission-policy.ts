// What the ValidatingAdmissionPolicies have in common. Pure.
import { API_GROUP } from '@konductor/schema';

/** The differences between the policies; every expression is CEL. */
export interface AdmissionPolicy {
  readonly name: string;
  readonly resource: string;
  readonly operations: readonly ('CREATE' | 'UPDATE')[];
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

/** The spec of a ValidatingAdmissionPolicy. */
export function policySpec({ resource, operations, matchConditions, variables, validations }: AdmissionPolicy): object {
  const rule = { apiGroups: [API_GROUP], apiVersions: ['*'], resources: [resource], operations, scope: '*' };
  return {
    // With the defaults, of which the API server compares all or none: without them, client-side apply would report a change each
    // time, and server-side apply a conflict after it.
    matchConstraints: { resourceRules: [rule], matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} },
    matchConditions,
    failurePolicy: 'Fail',
    variables,
    validations: validations.map((validation) => ({ ...validation, reason: 'Forbidden' })),
  };
}
