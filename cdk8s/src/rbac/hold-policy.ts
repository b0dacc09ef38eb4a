// The admission policy on the operator's permission to patch Jobs and pods: it releases what is held and changes nothing else.
// RBAC cannot limit `patch` to a field.
import {
  AFTER_LABEL,
  HOLD_GATE,
  KUEUE_GATES_ANNOTATION,
  KUEUE_QUEUE_LABEL,
  RELEASED_AT_ANNOTATION,
} from '@konductor/schema';
import { type AdmissionPolicy, rule } from './admission-policy.ts';

const METADATA = ['generateName', 'labels', 'finalizers', 'ownerReferences'];
/** The API server lets an update change these fields and the gates, and no others. */
const POD_SPEC = [
  ...['containers', 'initContainers', 'activeDeadlineSeconds', 'terminationGracePeriodSeconds'],
  ...['tolerations', 'nodeSelector', 'affinity'],
];
/** All fields but `suspend`. */
const JOB_SPEC = [
  ...['template', 'parallelism', 'completions', 'completionMode', 'activeDeadlineSeconds', 'ttlSecondsAfterFinished'],
  ...['backoffLimit', 'backoffLimitPerIndex', 'maxFailedIndexes', 'podFailurePolicy', 'podReplacementPolicy'],
  ...['successPolicy', 'selector', 'manualSelector', 'managedBy'],
];
const keeps = (parent: string, fields: readonly string[]) =>
  fields.map((field) => `object.${parent}.?${field} == oldObject.${parent}.?${field}`).join(' && ');

const labels = (object: string) => `${object}.metadata.?labels.orValue({})`;
const gates = (object: string) => `${object}.spec.?schedulingGates.orValue([])`;
const suspend = (object: string) => `${object}.spec.?suspend.orValue(false)`;
const kueueGates = (annotations: string) => `variables.${annotations}[?'${KUEUE_GATES_ANNOTATION}'].orValue('')`;

const variables = [
  { name: 'old', expression: 'oldObject.metadata.?annotations.orValue({})' },
  { name: 'new', expression: 'object.metadata.?annotations.orValue({})' },
  // Kueue's annotation without our entry; the other entries remain as they are written.
  {
    name: 'otherKueueGates',
    expression: `${kueueGates('old')}.split(',').filter(g, g.trim() != '${HOLD_GATE}').join(',')`,
  },
  // Not of Kueue's Jobs, which Kueue resumes when there is room for them.
  {
    name: 'isResumed',
    expression: `${suspend('oldObject')} && !${suspend('object')} && ${kueueGates('new')} == ${kueueGates('old')} && !('${KUEUE_QUEUE_LABEL}' in ${labels('object')})`,
  },
  {
    name: 'isUngated',
    expression: `${suspend('oldObject')} == ${suspend('object')} && ${kueueGates('new')} != ${kueueGates('old')} && ${kueueGates('new')} == variables.otherKueueGates`,
  },
];
const CHANGED = `k in ['${RELEASED_AT_ANNOTATION}', '${KUEUE_GATES_ANNOTATION}']`;

const ofPods = (expression: string) => `object.kind != 'Pod' || ${expression}`;
const ofJobs = (expression: string) => `object.kind != 'Job' || ${expression}`;

const validations = [
  {
    expression: `'${AFTER_LABEL}' in ${labels('oldObject')} && ${keeps('metadata', METADATA)}`,
    message: `the operator patches only Jobs and pods with the label ${AFTER_LABEL}, and of their metadata only annotations of Jobs`,
  },
  {
    expression: ofPods(`${gates('object')} == ${gates('oldObject')}.filter(g, g.name != '${HOLD_GATE}')`),
    message: `the operator removes the scheduling gate ${HOLD_GATE} of a pod, and no other`,
  },
  {
    expression: ofPods(`variables.new == variables.old && ${keeps('spec', POD_SPEC)}`),
    message: 'the operator changes nothing of a pod but its scheduling gate',
  },
  {
    expression: ofJobs('variables.isResumed || variables.isUngated'),
    message: `the operator sets spec.suspend of a Job to false, or removes ${HOLD_GATE} from its ${KUEUE_GATES_ANNOTATION}`,
  },
  {
    expression: ofJobs(
      `!('${RELEASED_AT_ANNOTATION}' in variables.old) && '${RELEASED_AT_ANNOTATION}' in variables.new`,
    ),
    message: `the operator releases a Job once, and says so in its annotation ${RELEASED_AT_ANNOTATION}`,
  },
  {
    expression: ofJobs(
      `variables.new.all(k, ${CHANGED} || k in variables.old && variables.new[k] == variables.old[k]) && variables.old.all(k, ${CHANGED} || k in variables.new)`,
    ),
    message: 'the operator changes no other annotation of a Job',
  },
  {
    expression: ofJobs(keeps('spec', JOB_SPEC)),
    message: 'the operator changes nothing of the spec of a Job but suspend',
  },
];

/** Bounds the updates of Jobs and pods by one account, and of no others. */
export const holdPolicy = (name: string, username: string): AdmissionPolicy => ({
  name,
  resourceRules: [rule('', 'pods', 'UPDATE'), rule('batch', 'jobs', 'UPDATE')],
  matchConditions: [{ name: 'is-operator', expression: `request.userInfo.username == '${username}'` }],
  variables,
  validations,
});
