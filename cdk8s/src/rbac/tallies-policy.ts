// The admission policy that reserves status.workers to accounts that manage the WaitGroup, such as the operator: it says which
// workers are counted, and which of their records the operator deletes. RBAC cannot limit a permission to one field.
import { API_GROUP } from '@konductor/schema';
import { type AdmissionPolicy, canOnWaitGroup, rule } from './admission-policy.ts';

/** Counting anonymously leaves `status.workers` as it was read, so that it costs no authorization check. */
export const talliesPolicy: AdmissionPolicy = {
  name: 'tallies.konductor.io',
  resourceRules: [rule(API_GROUP, 'waitgroups/status', 'UPDATE')],
  matchConditions: [{ name: 'counts-workers', expression: 'object.?status.?workers != oldObject.?status.?workers' }],
  validations: [
    {
      expression: canOnWaitGroup('update', 'manage', 'request.name'),
      message:
        'status.workers counts the workers, so it can be changed only by an account that can update waitgroups/manage: leave it as it was read, and the operator keeps it',
    },
  ],
};
