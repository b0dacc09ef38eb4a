// Where the names of WaitGroups and of admission policies are referred to, in the words of kustomize's transformer configuration.
import { AFTER_LABEL, API_GROUP, COUNTS_FOR_LABEL } from '@konductor/schema';
import { WAIT_GROUP_LABEL } from '../wait-group/wait-group-reference.ts';

/** Of an object itself, of the pods of a workload, of the Jobs of a CronJob, and of their pods. */
const LABELS = ['', 'spec/template/', 'spec/jobTemplate/', 'spec/jobTemplate/spec/template/'];
const labelled = LABELS.flatMap((parent) =>
  [WAIT_GROUP_LABEL, COUNTS_FOR_LABEL, AFTER_LABEL].map((label) => ({
    path: `${parent}metadata/labels/${label.replace('/', '\\/')}`,
  })),
);

const policies = ['ValidatingAdmissionPolicy', 'MutatingAdmissionPolicy'];

export const NAME_REFERENCES = [
  {
    group: API_GROUP,
    kind: 'WaitGroup',
    fieldSpecs: [...['Role', 'ClusterRole'].map((kind) => ({ path: 'rules/resourceNames', kind })), ...labelled],
  },
  ...policies.map((kind) => ({ kind, fieldSpecs: [{ path: 'spec/policyName', kind: `${kind}Binding` }] })),
];
