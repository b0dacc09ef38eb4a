// Advice on the errors of the client, added to their messages.
import type {
  ApiError,
  CounterRejectedError,
  ForbiddenError,
  ForeignRecordError,
  InvalidError,
  NotFoundError,
  TimedOutError,
  UnknownOutcomeError,
  UntrustedServerError,
  WaitGroupFailedError,
  WaitGroupNotFoundError,
  WaitGroupReference,
} from '@konductor/client';
import { workerNames } from '@konductor/schema';
import { commandOn, shell } from '../output/command-line.ts';
import { describeCause } from '../output/failure-text.ts';
import { rejectedRequest } from '../session/reporting-transport.ts';
import { deniedUser, formatRules, type Grant, grantCommand } from './grant.ts';
import { missingGrant } from './missing-rule.ts';

const DISTRUST_ADVICE = {
  dates: 'check the clock of this machine, or renew the certificate',
  names: 'check server and tls-server-name in the kubeconfig',
  issuer:
    "add the issuer's certificate to certificate-authority in the kubeconfig, or in a pod to the ca.crt of its ServiceAccount",
  noTls: 'check server in the kubeconfig: if the server is meant to have no TLS, write http://',
};

export function describeUntrusted({ message, reason }: UntrustedServerError): string {
  return `${message}: ${DISTRUST_ADVICE[reason]}`;
}

export function describeAbsence({ message, absence, group }: WaitGroupNotFoundError): string {
  return absence === 'missing' ? describeMissing(message, group) : message;
}

function describeMissing(message: string, group: WaitGroupReference): string {
  const [status, create] = [commandOn('koncli waitgroup status', group), commandOn('koncli waitgroup create', group)];
  return `${message}: if the namespace is right, run ${status} to see whether it was deleted, or ${create}`;
}

/** Whether the rejected request was about the records of workers. */
export function isAboutWorkers(error: ApiError): boolean {
  return rejectedRequest(error)?.path.includes(`/${workerNames.plural}`) ?? false;
}

/** A wait that timed out has read the WaitGroup; a change that timed out lost to other writers. */
export function describeTimeout({ message, isServerUnavailable, isMissing, lastStatus, group }: TimedOutError): string {
  if (isMissing) return describeMissing(message, group);
  if (isServerUnavailable) return message;
  return lastStatus
    ? `${message}; to see why, run ${commandOn('koncli waitgroup status', group)}`
    : `${message}; try again`;
}

export function describeFailedWait({ message, group, failure }: WaitGroupFailedError): string {
  const what = failure ? `waitgroup "${group.name}" failed: ${describeCause(failure, new Date())}` : message;
  const status = commandOn('koncli waitgroup status', group);
  return `${what}; for more, run ${status}; to wait for zero all the same, give --ignore-failure`;
}

export function describeUnknownOutcome({ message, group }: UnknownOutcomeError): string {
  return `${message}; to see whether it was applied, run ${commandOn('koncli waitgroup status', group)} -o wide`;
}

export function describeRejection({ message, rejection }: CounterRejectedError): string {
  switch (rejection.reason) {
    case 'BelowZero':
      return `${message}: add work before it starts, and mark it done only once`;
    case 'NothingOutstanding':
      return `${message}: report a failure before the last work is marked done`;
    case 'HeldByWorkers':
      return `${message}: finish theirs with koncli waitgroup done --worker ID, or if a worker is lost, koncli waitgroup release --worker ID`;
    default:
      return message;
  }
}

/** The API server deletes it with its WaitGroup, unless a backup has restored it. */
export function describeForeignRecord({ message, group, record }: ForeignRecordError): string {
  const command = shell`kubectl delete waitgroupworker ${record.metadata.name} -n ${group.namespace}`;
  return `${message}: try again, or if it was restored from a backup, delete it with ${command}`;
}

export function describeNotFound({ message, status }: NotFoundError): string {
  return status.details?.kind === 'namespaces' ? `${message}: create it, or select another with -n` : message;
}

export function describeForbidden(error: ForbiddenError): string {
  const { message } = error;
  const user = deniedUser(message);
  if (user === 'system:anonymous')
    return `${message}: the request was anonymous; log in, or check the user in the kubeconfig`;
  if (message.includes(' cannot impersonate'))
    return `${message}: --as and as of the kubeconfig need the RBAC verb impersonate on that user, group or service account`;
  const grant = missingGrant(error);
  return grant ? `${message}: ${adviseGrant(grant, user)}` : message;
}

/** How to get the permissions; `user` is undefined if the API server did not name the caller. */
export function adviseGrant(grant: Grant, user: string | undefined): string {
  return user === undefined
    ? `${grant.purpose} needs the RBAC rules ${formatRules(grant.rules)}`
    : `grant all that ${grant.purpose} needs with ${grantCommand(grant, user)}`;
}

export function describeInvalid(error: InvalidError): string {
  const selector = rejectedRequest(error)?.query?.labelSelector;
  return selector === undefined
    ? error.message
    : `invalid label selector "${selector}": ${error.message}; write it like app=x,tier!=y`;
}
