// Turns whatever went wrong into an exit code and one line: what happened, and what to do about it.
// It imports the client's typed errors, so it is imported only once a session is open or something went wrong.
import {
  AbortedError,
  AlreadyExistsError,
  ApiError,
  ConnectionError,
  CounterRejectedError,
  ForbiddenError,
  InvalidError,
  NotFoundError,
  OperationIdReusedError,
  ResourceNotServedError,
  TimedOutError,
  TooManyRequestsError,
  UnauthorizedError,
  UnavailableError,
  UnknownOutcomeError,
  UntrustedServerError,
  WaitGroupNotFoundError,
  type WaitGroupReference,
} from '@konductor/client';
import { API_GROUP_VERSION, InvalidWaitGroupError } from '@konductor/schema';
import { EXIT_CODE, exitCodeOfSignal } from './exit-code.ts';
import { grantCommand, isAnonymous, refusedUser } from './grant.ts';
import { formatRule, missingRule } from './missing-rule.ts';
import { oneLine } from './one-line.ts';
import { asCalledBy } from './program-name.ts';
import { refusedRequest } from './reporting-transport.ts';
import { CommandError, DoneFailedError } from './run/errors.ts';
import { VERSION } from './version.ts';

/** How a command that failed ends. */
export interface Failure {
  readonly code: number;
  readonly line: string;
}

/** No group has the labels that were asked for. */
export class NothingSelectedError extends Error {
  override readonly name = 'NothingSelectedError';
  constructor(labelSelector: string, namespace: string) {
    super(`no waitgroup in namespace "${namespace}" matches the selector "${labelSelector}"`);
  }
}

/** What was to be deleted is not there. */
export class NothingToDeleteError extends Error {
  override readonly name = 'NothingToDeleteError';
  readonly namespace: string;
  constructor(cause: WaitGroupNotFoundError) {
    super(cause.message, { cause });
    this.namespace = cause.group.namespace;
  }
}

/** Somebody looked for what became of a group, so that nobody needs to be told to. */
export class NoGroupToShowError extends Error {
  override readonly name = 'NoGroupToShowError';
  readonly group: WaitGroupReference;
  constructor(cause: WaitGroupNotFoundError) {
    super(cause.message, { cause });
    this.group = cause.group;
  }
}

/** The time for a watch is over. */
export class WatchTimedOutError extends Error {
  override readonly name = 'WatchTimedOutError';
  readonly isServerAway: boolean;
  constructor(limit: string, isServerAway: boolean) {
    super(`watched for ${limit}${isServerAway ? ', and the API server is away' : ''}`);
    this.isServerAway = isServerAway;
  }
}

/** koncli doctor found something that does not work; `code` is what the first of it ends with. */
export class ChecksFailedError extends Error {
  override readonly name = 'ChecksFailedError';
  readonly code: number;
  constructor(failed: readonly string[], code: number) {
    super(`failed: ${failed.join(', ')}`);
    this.code = code;
  }
}

/** koncli was not started from the folder that its image holds. */
export class NoFolderError extends Error {
  override readonly name = 'NoFolderError';
}

/** That folder cannot be copied to where it should go. */
export class CopyError extends Error {
  override readonly name = 'CopyError';
}

/** The run that failed. */
export interface FailedRun {
  /** What koncli is called by. */
  readonly program: string;
  /** Its reason says which signal ended the run, if one did. */
  readonly signal: AbortSignal;
}

/** The line is one, and does nothing to a terminal, whatever the API server sent. */
export function describeFailure(error: unknown, { program, signal }: FailedRun): Failure {
  const { code, line } = signal.aborted ? stopped(error, String(signal.reason)) : classify(error);
  return { code, line: asCalledBy(program, oneLine(line)) };
}

function stopped(error: unknown, signalName: string): Failure {
  const code = exitCodeOfSignal(signalName);
  const stop = `stopped by ${signalName}`;
  if (error instanceof AbortedError) return { code, line: error.message.replace(/^aborted/, stop) };
  return { code, line: `${stop}: ${classify(error).line}` };
}

function classify(error: unknown): Failure {
  const rule = RULES.find(({ type }) => error instanceof type);
  if (rule && error instanceof Error) return rule.classify(error);
  const message = error instanceof Error ? error.message : String(error);
  return { code: EXIT_CODE.error, line: `unexpected error: ${message}; --log-level debug shows where` };
}

interface Rule {
  readonly type: abstract new (...parameters: never[]) => Error;
  readonly classify: (error: Error) => Failure;
}

function rule<E extends Error>(
  type: abstract new (...parameters: never[]) => E,
  code: number | ((error: E) => number),
  line: (error: E) => string = ({ message }) => message,
): Rule {
  const codeOf = typeof code === 'number' ? () => code : code;
  return { type, classify: (error) => ({ code: codeOf(error as E), line: line(error as E) }) };
}

/** The command that installs or updates what koncli works with. */
export const INSTALL = 'kubectl apply --server-side -f cdk8s/manifests/install.yaml';

/** The first that fits decides: subclasses come before their base. */
const RULES: readonly Rule[] = [
  rule(WaitGroupNotFoundError, EXIT_CODE.notFound, describeMissingGroup),
  rule(
    NoGroupToShowError,
    EXIT_CODE.notFound,
    ({ message, group }) => `${message}: make it with ${command('create', group)}`,
  ),
  rule(NothingSelectedError, EXIT_CODE.notFound, ({ message }) => `${message}: look with koncli waitgroup list`),
  rule(
    NothingToDeleteError,
    EXIT_CODE.notFound,
    ({ message, namespace }) => `${message}: see what is there with koncli waitgroup list -n ${namespace}`,
  ),
  rule(ChecksFailedError, ({ code }) => code),
  rule(NoFolderError, EXIT_CODE.error, ({ message }) => `${message}: use that image, which npm run images builds`),
  rule(CopyError, EXIT_CODE.error, ({ message }) => `${message}: make it writable, or give more room`),
  rule(CommandError, ({ code }) => code),
  rule(DoneFailedError, ({ cause }) => classify(cause).code, describeDoneFailure),
  rule(CounterRejectedError, EXIT_CODE.error, describeRejection),
  rule(OperationIdReusedError, EXIT_CODE.error),
  rule(
    TimedOutError,
    ({ isServerAway }) => (isServerAway ? EXIT_CODE.unavailable : EXIT_CODE.timeout),
    describeTimeout,
  ),
  rule(WatchTimedOutError, ({ isServerAway }) => (isServerAway ? EXIT_CODE.unavailable : EXIT_CODE.timeout)),
  rule(UnknownOutcomeError, EXIT_CODE.unavailable, describeUnknownOutcome),
  rule(
    ResourceNotServedError,
    EXIT_CODE.notFound,
    () => `the API server does not know WaitGroups (${API_GROUP_VERSION}): install them with ${INSTALL}`,
  ),
  rule(NotFoundError, EXIT_CODE.notFound, describeNotFound),
  rule(ForbiddenError, EXIT_CODE.permissionDenied, describeForbidden),
  rule(
    UnauthorizedError,
    EXIT_CODE.permissionDenied,
    ({ message }) =>
      `the API server does not accept the credentials (${message}): log in again, or check the kubeconfig's user`,
  ),
  rule(
    AlreadyExistsError,
    EXIT_CODE.error,
    ({ message }) => `${message}: choose another name, or delete that one first`,
  ),
  rule(InvalidError, EXIT_CODE.error, describeInvalid),
  rule(TooManyRequestsError, EXIT_CODE.unavailable),
  rule(ApiError, EXIT_CODE.error),
  rule(UnavailableError, EXIT_CODE.unavailable),
  rule(
    UntrustedServerError,
    EXIT_CODE.error,
    (error) => `the API server is not trusted, ${error.message}: check ${untrustedField(error)} in the kubeconfig`,
  ),
  rule(ConnectionError, EXIT_CODE.error),
  rule(
    InvalidWaitGroupError,
    EXIT_CODE.error,
    ({ message }) => `${message}; the cluster's CRD is not that of koncli ${VERSION}: install it with ${INSTALL}`,
  ),
];

/** A certificate of another name is not for want of an authority. */
function untrustedField({ cause }: UntrustedServerError): string {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? 'server and tls-server-name' : 'certificate-authority';
}

function describeMissingGroup({ message, absence, group }: WaitGroupNotFoundError): string {
  if (absence !== 'missing') return message;
  return `${message}: if it was there, ${command('status', group)} says where it went; else make it with ${command('create', group)}`;
}

/** A wait has seen the group; a change that ran out of time lost to other writers. */
function describeTimeout({ message, isServerAway, lastStatus, group }: TimedOutError): string {
  if (isServerAway) return message;
  return lastStatus ? `${message}; why: ${command('status', group)}` : `${message}: run it again`;
}

function describeUnknownOutcome({ message, group }: UnknownOutcomeError): string {
  return `${message}; see whether it is among the last changes with ${command('status', group)} -o wide`;
}

function describeRejection({ message, rejection }: CounterRejectedError): string {
  return rejection.reason === 'BelowZero'
    ? `${message}: add before the work starts, and say done once for each`
    : message;
}

function describeDoneFailure({ message, cause, byHand }: DoneFailedError): string {
  const reason = reasonOf(cause);
  const isFinal = cause instanceof WaitGroupNotFoundError || cause instanceof CounterRejectedError;
  return `${message}: ${reason}${isFinal ? '' : `; say it by hand, which counts once: ${byHand}`}`;
}

/** Without the advice to run koncli again: it would run the command again. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AbortedError) return 'nothing was changed';
  return cause instanceof TimedOutError ? cause.message : classify(cause).line;
}

function describeNotFound({ message, status }: NotFoundError): string {
  return status.details?.kind === 'namespaces' ? `${message}: create it, or name another with -n` : message;
}

function describeForbidden(error: ForbiddenError): string {
  const { message } = error;
  const user = refusedUser(message);
  if (isAnonymous(user)) return `${message}: the credentials are nobody's: log in, or check the kubeconfig's user`;
  const missing = missingRule(error);
  if (!missing) return message;
  const grant = user === undefined ? '' : `; grant it with ${grantCommand(missing, user)}`;
  return `${message}: the missing RBAC rule is ${formatRule(missing)}${grant}`;
}

function describeInvalid(error: InvalidError): string {
  const selector = refusedRequest(error)?.query?.labelSelector;
  return selector === undefined
    ? error.message
    : `the selector "${selector}" is not understood, ${error.message}: write it like app=x,tier!=y`;
}

function command(verb: 'create' | 'status', { namespace, name }: WaitGroupReference): string {
  return `koncli waitgroup ${verb} ${name} -n ${namespace}`;
}
