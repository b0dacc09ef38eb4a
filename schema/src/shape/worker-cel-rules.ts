// The CEL rules of WaitGroupWorker: a record is the tally of one worker, which each write changes by at most one unit of work.
import type { ValidationRule } from '../kind/kind.ts';

const now = (field: string) => `self.spec.${field}`;
const before = (field: string) => `oldSelf.?spec.?${field}.orValue(0)`;
const rise = (field: string) => `(${now(field)} - ${before(field)})`;

const IS_NEW = '!oldSelf.hasValue()';
const ACTIVE = `${now('state')} == 'Active'`;
const WAS_ACTIVE = "oldSelf.?spec.?state.orValue('') == 'Active'";
/** Units of work that the write finishes. */
const FINISHED = `${rise('done')} + ${rise('borrowed')}`;

export const immutable: readonly ValidationRule[] = [
  { rule: 'self == oldSelf', message: 'is immutable: create another WaitGroupWorker instead' },
];

export const workerRules: readonly ValidationRule[] = [
  {
    rule: "self.metadata.name == self.spec.waitGroup + '.' + self.spec.worker + '.' + self.spec.waitGroupUid.substring(0, 8)",
    message:
      'metadata.name must be WAITGROUP.WORKER.UID: spec.waitGroup, spec.worker and the first 8 characters of spec.waitGroupUid',
    fieldPath: '.metadata',
  },
  {
    rule: '!(has(self.spec.pod) && has(self.spec.job))',
    message: 'spec.pod and spec.job exclude each other: a worker is either a pod or a Job',
    fieldPath: '.spec.job',
  },
  {
    rule: `${now('done')} <= ${now('added')} && ${now('added')} <= ${now('done')} + 1`,
    message: 'spec.added must equal spec.done, or be larger by 1 while the work is outstanding',
    fieldPath: '.spec.added',
  },
  {
    rule: `${ACTIVE} || ${now('added')} == ${now('done')}`,
    message: 'spec.state must be Active while spec.done is below spec.added: increase spec.done by 1 in the same write',
    fieldPath: '.spec.state',
  },
  {
    rule: ['added', 'done', 'borrowed'].map((field) => `${rise(field)} >= 0`).join(' && '),
    message: 'spec.added, spec.done and spec.borrowed must not decrease: send the values that were read',
    fieldPath: '.spec',
    optionalOldSelf: true,
  },
  {
    rule: `${rise('added')} + ${FINISHED} <= 1`,
    message: 'one write can count only one unit of work: increase one of spec.added, spec.done and spec.borrowed by 1',
    fieldPath: '.spec',
    optionalOldSelf: true,
  },
  {
    rule: `${IS_NEW} ? (${ACTIVE}) == (${FINISHED} == 0) : !(${WAS_ACTIVE}) || (${ACTIVE}) == (${rise('added')} + ${FINISHED} == 0)`,
    message:
      'spec.state must leave Active in the write that counts the finished work: increase spec.done by 1, or spec.borrowed if spec.added equals spec.done',
    fieldPath: '.spec.state',
    optionalOldSelf: true,
  },
  {
    rule: `${IS_NEW} || ${WAS_ACTIVE} || (${ACTIVE} ? ${FINISHED} == 0 : ${rise('added')} + ${rise('done')} == 0)`,
    message:
      'spec.state must become Active in a write that finishes nothing, and in each one that increases spec.added',
    fieldPath: '.spec.state',
    optionalOldSelf: true,
  },
];
