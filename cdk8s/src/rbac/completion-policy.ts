// The admission policy that reserves status.completedAt and status.failedAt to accounts that can delete the WaitGroup: the TTL starts
// at the earlier of them, so setting one amounts to deleting. RBAC cannot limit a permission to one field.
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';

const NAME = 'completion.konductor.io';
const API_VERSION = 'admissionregistration.k8s.io/v1';

/** Props of {@link CompletionPolicy}. */
export interface CompletionPolicyProps {
  /** Labels of the policy and its binding. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * A ValidatingAdmissionPolicy: only an account that can delete a WaitGroup can set or change its `status.completedAt` and
 * `status.failedAt`, such as the operator, or an administrator who restores a backup. Workers, who can only update the status, cannot.
 * Once per cluster; requires Kubernetes 1.30 or later.
 */
export class CompletionPolicy extends Construct {
  constructor(scope: Construct, id: string, { labels }: CompletionPolicyProps) {
    super(scope, id);
    const common = { apiVersion: API_VERSION, metadata: { name: NAME, labels } };
    new ApiObject(this, 'Policy', { ...common, kind: 'ValidatingAdmissionPolicy', spec: policy });
    const spec = { policyName: NAME, validationActions: ['Deny'] };
    new ApiObject(this, 'Binding', { ...common, kind: 'ValidatingAdmissionPolicyBinding', spec });
  }
}

const sets = (field: string) =>
  `(object.?status.?${field}.hasValue() && object.?status.?${field} != oldObject.?status.?${field})`;
const CAN_DELETE =
  "authorizer.group('konductor.io').resource('waitgroups').namespace(request.namespace).name(request.name).check('delete').allowed()";

const policy = {
  matchConstraints: {
    resourceRules: [
      {
        ...{
          apiGroups: ['konductor.io'],
          apiVersions: ['*'],
          resources: ['waitgroups/status'],
          operations: ['UPDATE'],
        },
        scope: '*',
      },
    ],
    // The defaults, of which the API server compares all or none: without them, client-side apply would report a change each time,
    // and server-side apply a conflict after it.
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
  },
  // Counting removes the fields or keeps them, so that it costs no authorization check.
  matchConditions: [
    {
      name: 'starts-ttl',
      expression: `${sets('completedAt')} || ${sets('failedAt')}`,
    },
  ],
  failurePolicy: 'Fail',
  validations: [
    {
      expression: CAN_DELETE,
      message:
        'status.completedAt and status.failedAt start the TTL, so they can be set only by an account that can delete the WaitGroup: leave them as they were read, and the operator sets them',
      reason: 'Forbidden',
    },
  ],
};
