// The admission policy on the records of workers: a pod writes only its own record, and only for a WaitGroup that it may report
// to. RBAC cannot limit `create` to a name, nor a name to the pod of the request's token.
import { API_GROUP } from '@konductor/schema';
import { type AdmissionPolicy, canOnWaitGroup, rule } from './admission-policy.ts';

const can = (verb: string, subresource: string) => canOnWaitGroup(verb, subresource, 'object.spec.waitGroup');

/** What a token says about its pod, empty if it is bound to none. */
const claim = (name: string) => `request.userInfo.?extra[?'authentication.kubernetes.io/${name}'][?0].orValue('')`;

// A pod of an Indexed Job is named after its hostname, which is the same in every attempt: the hostname, and 5 random characters.
const IS_WORKER = 'object.spec.worker == variables.podName';
const IS_HOSTNAME =
  "variables.podName.startsWith(object.spec.worker + '-') && variables.podName.size() == object.spec.worker.size() + 6";
// A pod whose name is no DNS label: CEL can compare everything but the hash.
const IS_HASHED =
  "(variables.podName.size() > 63 || variables.podName.contains('.')) && object.spec.worker.startsWith(variables.stem + '-') && object.spec.worker.size() == variables.stem.size() + 9";

/**
 * Accounts that cannot `update` waitgroups/manage of a WaitGroup write records of its workers only with the token of the worker's
 * own pod, and only if they can `create` waitgroups/report of the WaitGroup.
 */
export const workersPolicy: AdmissionPolicy = {
  name: 'workers.konductor.io',
  resourceRules: [rule(API_GROUP, 'waitgroupworkers', 'CREATE', 'UPDATE')],
  matchConditions: [{ name: 'is-no-manager', expression: `!${can('update', 'manage')}` }],
  variables: [
    { name: 'podName', expression: claim('pod-name') },
    { name: 'podUid', expression: claim('pod-uid') },
    {
      name: 'stem',
      expression:
        "(variables.podName.size() > 54 ? variables.podName.substring(0, 54) : variables.podName).replace('.', '-')",
    },
  ],
  validations: [
    {
      expression: can('create', 'report'),
      message:
        'the account cannot report to this WaitGroup: grant it the verb create on waitgroups/report, with the name of the WaitGroup as resourceName',
      messageExpression:
        "'the account cannot report to WaitGroup ' + object.spec.waitGroup + ': grant it the verb create on waitgroups/report, with the resourceName ' + object.spec.waitGroup",
    },
    {
      expression: `variables.podName != '' && request.userInfo.username.startsWith('system:serviceaccount:' + request.namespace + ':')`,
      message:
        'a worker is known by the token of its pod, and this token names no pod in the namespace of the WaitGroup: send the request from such a pod, or as an account that can update waitgroups/manage',
    },
    {
      // The pods of a Job have names that begin with its own.
      expression: "!has(object.spec.job) && (request.operation == 'CREATE' || !has(oldObject.spec.job))",
      message: 'spec.job is for the operator, which keeps the records of Jobs with the label konductor.io/counts-for',
    },
    {
      expression:
        "object.spec.?pod.?name.orValue('') == variables.podName && object.spec.?pod.?uid.orValue('') == variables.podUid",
      message: 'spec.pod must have the name and the uid of the pod of the token',
      messageExpression:
        "'spec.pod must be the pod of the token: set name ' + variables.podName + ' and uid ' + variables.podUid",
    },
    {
      expression: `${IS_WORKER} || ${IS_HOSTNAME} || ${IS_HASHED}`,
      message:
        'spec.worker must be the name of the pod of the token, or its hostname in an Indexed Job: use --worker auto',
      messageExpression:
        "'spec.worker ' + object.spec.worker + ' is not pod ' + variables.podName + ': set the name of the pod, or its hostname in an Indexed Job, as --worker auto does'",
    },
    {
      expression:
        "object.metadata.?ownerReferences.orValue([]).size() == 1 && object.metadata.ownerReferences.all(o, o.apiVersion == 'konductor.io/v1' && o.kind == 'WaitGroup' && o.name == object.spec.waitGroup && o.uid == object.spec.waitGroupUid)",
      message:
        'metadata.ownerReferences must name the WaitGroup and nothing else, so that the record is deleted with it: set apiVersion konductor.io/v1, kind WaitGroup, and the name and uid of the spec',
    },
    {
      expression:
        "object.metadata.?finalizers.orValue([]).all(f, request.operation == 'UPDATE' && f in oldObject.metadata.?finalizers.orValue([]))",
      message: 'metadata.finalizers would keep the record when the WaitGroup is deleted: remove them',
    },
  ],
};
