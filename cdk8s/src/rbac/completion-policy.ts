// The admission policy that reserves status.completedAt and status.failedAt to accounts that can delete the WaitGroup: the TTL starts
// at the earlier of them, so setting one amounts to deleting. RBAC cannot limit a permission to one field.
import { API_GROUP } from '@konductor/schema';
import { type AdmissionPolicy, rule } from './admission-policy.ts';

const sets = (field: string) =>
  `(object.?status.?${field}.hasValue() && object.?status.?${field} != oldObject.?status.?${field})`;
const CAN_DELETE =
  "authorizer.group('konductor.io').resource('waitgroups').namespace(request.namespace).name(request.name).check('delete').allowed()";

/**
 * Only an account that can delete a WaitGroup can set or change its `status.completedAt` and `status.failedAt`, such as the
 * operator, or an administrator who restores a backup. Accounts that can only update the status cannot.
 */
export const completionPolicy: AdmissionPolicy = {
  name: 'completion.konductor.io',
  resourceRules: [rule(API_GROUP, 'waitgroups/status', 'UPDATE')],
  // Counting removes the fields or keeps them, so that it costs no authorization check.
  matchConditions: [
    {
      name: 'starts-ttl',
      expression: `${sets('completedAt')} || ${sets('failedAt')}`,
    },
  ],
  validations: [
    {
      expression: CAN_DELETE,
      message:
        'status.completedAt and status.failedAt start the TTL, so they can be set only by an account that can delete the WaitGroup: leave them as they were read, and the operator sets them',
    },
  ],
};
