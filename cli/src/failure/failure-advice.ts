// What to do about the errors of the client, beside what they say of themselves.
import type {
  CounterRejectedError,
  ForbiddenError,
  InvalidError,
  NotFoundError,
  TimedOutError,
  UnknownOutcomeError,
  UntrustedServerError,
  WaitGroupNotFoundError,
  WaitGroupReference,
} from '@konductor/client';
import { refusedRequest } from '../session/reporting-transport.ts';
import { grantCommand, isAnonymous, refusedUser } from './grant.ts';
import { formatRule, missingRule } from './missing-rule.ts';

/** A certificate of another name is not for want of an authority. */
export function untrustedField({ cause }: UntrustedServerError): string {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? 'server and tls-server-name' : 'certificate-authority';
}

export function describeMissingGroup({ message, absence, group }: WaitGroupNotFoundError): string {
  if (absence !== 'missing') return message;
  return `${message}: if it was there, ${groupCommand('status', group)} says where it went; else make it with ${groupCommand('create', group)}`;
}

/** A wait has seen the group; a change that ran out of time lost to other writers. */
export function describeTimeout({ message, isServerUnavailable, lastStatus, group }: TimedOutError): string {
  if (isServerUnavailable) return message;
  return lastStatus ? `${message}; why: ${groupCommand('status', group)}` : `${message}: run it again`;
}

export function describeUnknownOutcome({ message, group }: UnknownOutcomeError): string {
  return `${message}; see whether it is among the last changes with ${groupCommand('status', group)} -o wide`;
}

export function describeRejection({ message, rejection }: CounterRejectedError): string {
  return rejection.reason === 'BelowZero'
    ? `${message}: add before the work starts, and say done once for each`
    : message;
}

export function describeNotFound({ message, status }: NotFoundError): string {
  return status.details?.kind === 'namespaces' ? `${message}: create it, or name another with -n` : message;
}

export function describeForbidden(error: ForbiddenError): string {
  const { message } = error;
  const user = refusedUser(message);
  if (isAnonymous(user)) return `${message}: the credentials are nobody's: log in, or check the kubeconfig's user`;
  const missing = missingRule(error);
  if (!missing) return message;
  const grant = user === undefined ? '' : `; grant it with ${grantCommand(missing, user)}`;
  return `${message}: the missing RBAC rule is ${formatRule(missing)}${grant}`;
}

export function describeInvalid(error: InvalidError): string {
  const selector = refusedRequest(error)?.query?.labelSelector;
  return selector === undefined
    ? error.message
    : `the selector "${selector}" is not understood, ${error.message}: write it like app=x,tier!=y`;
}

export function groupCommand(verb: 'create' | 'status', { namespace, name }: WaitGroupReference): string {
  return `koncli waitgroup ${verb} ${name} -n ${namespace}`;
}
