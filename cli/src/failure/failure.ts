// Turns any error into an exit code and one line: what happened, and what to do.
// It imports the client's typed errors, so it is imported only after a session was opened or an error was thrown.
import {
  AbortedError,
  AlreadyExistsError,
  ApiError,
  ConnectionError,
  CounterRejectedError,
  ForbiddenError,
  ForeignRecordError,
  InvalidError,
  NotFoundError,
  NotYetCountedError,
  OperationIdReusedError,
  ResourceNotServedError,
  TimedOutError,
  TooManyRequestsError,
  UnauthorizedError,
  UnavailableError,
  UnknownOutcomeError,
  UntrustedServerError,
  WaitGroupFailedError,
  WaitGroupNotFoundError,
  WorkerIsJobError,
} from '@konductor/client';
import { API_GROUP_VERSION, InvalidWaitGroupError, InvalidWaitGroupWorkerError } from '@konductor/schema';
import type { Invocation } from '../arguments/invocation.ts';
import { asCalledBy } from '../arguments/program-name.ts';
import {
  ChecksFailedError,
  CopyError,
  NothingFoundError,
  OutputError,
  WatchTimedOutError,
  WorkerError,
} from '../errors.ts';
import { CommandError, MarkingFailedError, NotRunError } from '../features/run/errors.ts';
import { EXIT_CODE, exitCodeOfSignal } from '../process/exit-code.ts';
import { VERSION } from '../version.ts';
import {
  describeAbsence,
  describeFailedWait,
  describeForbidden,
  describeForeignRecord,
  describeInvalid,
  describeNotFound,
  describeRejection,
  describeTimeout,
  describeUnknownOutcome,
  describeUntrusted,
  isAboutWorkers,
} from './failure-advice.ts';

/** The end of a command that failed. */
export interface Failure {
  readonly code: number;
  readonly line: string;
}

type FailedRun = Pick<Invocation, 'program' | 'signal'>;

/** Describes an error in one line. */
export function describeFailure(error: unknown, { program, signal }: FailedRun): Failure {
  const { code, line } = signal.aborted ? describeStopped(error, String(signal.reason)) : classify(error);
  return { code, line: asCalledBy(program, line) };
}

function describeStopped(error: unknown, signalName: string): Failure {
  const code = exitCodeOfSignal(signalName);
  const stop = `stopped by ${signalName}`;
  if (error instanceof AbortedError) return { code, line: error.message.replace(/^aborted/, stop) };
  return { code, line: `${stop}: ${classify(error).line}` };
}

function classify(error: unknown): Failure {
  const rule = RULES.find(({ type }) => error instanceof type);
  if (rule && error instanceof Error) return rule.classify(error);
  const message = error instanceof Error ? error.message : String(error);
  return { code: EXIT_CODE.error, line: `unexpected error: ${message}; for details, run again with --log-level debug` };
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

/** The command that installs or updates the CRD and the operator. */
export const INSTALL = 'kubectl apply --server-side -f cdk8s/manifests/install.yaml';

/** The command that installs or updates the CRDs alone. */
const INSTALL_CRDS = 'kubectl apply --server-side -f cdk8s/manifests/crd.yaml';

/** The first match decides: subclasses come before their base. */
const RULES: readonly Rule[] = [
  rule(WaitGroupNotFoundError, EXIT_CODE.notFound, describeAbsence),
  rule(WaitGroupFailedError, EXIT_CODE.failed, describeFailedWait),
  rule(NothingFoundError, EXIT_CODE.notFound),
  rule(ChecksFailedError, ({ code }) => code),
  rule(WorkerError, EXIT_CODE.error),
  rule(CopyError, EXIT_CODE.error),
  rule(OutputError, EXIT_CODE.error),
  rule(CommandError, ({ code }) => code),
  rule(
    NotRunError,
    ({ cause }) => classify(cause).code,
    ({ message, cause }) => `${message}: ${classify(cause).line}`,
  ),
  rule(MarkingFailedError, ({ cause, code }) => code ?? classify(cause).code, describeMarkingFailure),
  rule(CounterRejectedError, EXIT_CODE.error, describeRejection),
  rule(ForeignRecordError, EXIT_CODE.error, describeForeignRecord),
  rule(WorkerIsJobError, EXIT_CODE.error, ({ message }) => `${message}: give this worker another ID`),
  rule(OperationIdReusedError, EXIT_CODE.error),
  rule(TimedOutError, (error) => (error.isMissing ? EXIT_CODE.notFound : codeOfTimeout(error)), describeTimeout),
  rule(NotYetCountedError, EXIT_CODE.timeout),
  rule(WatchTimedOutError, codeOfTimeout),
  rule(UnknownOutcomeError, EXIT_CODE.unavailable, describeUnknownOutcome),
  rule(ResourceNotServedError, EXIT_CODE.notFound, (error) =>
    isAboutWorkers(error)
      ? `the API server does not serve WaitGroupWorkers, so its CRDs are older than koncli ${VERSION}: update them with ${INSTALL_CRDS}, or give --anonymous`
      : `the API server does not serve WaitGroups (${API_GROUP_VERSION}): install the CRD with ${INSTALL}`,
  ),
  rule(NotFoundError, EXIT_CODE.notFound, describeNotFound),
  rule(ForbiddenError, EXIT_CODE.permissionDenied, describeForbidden),
  rule(
    UnauthorizedError,
    EXIT_CODE.permissionDenied,
    ({ message }) =>
      `the API server rejected the credentials (${message}): log in again, or check the user in the kubeconfig`,
  ),
  rule(
    AlreadyExistsError,
    EXIT_CODE.error,
    ({ message }) => `${message}: choose another name, or delete the existing one first`,
  ),
  rule(InvalidError, EXIT_CODE.error, describeInvalid),
  rule(TooManyRequestsError, EXIT_CODE.unavailable),
  rule(ApiError, EXIT_CODE.error),
  rule(UnavailableError, EXIT_CODE.unavailable),
  rule(UntrustedServerError, EXIT_CODE.error, describeUntrusted),
  rule(ConnectionError, EXIT_CODE.error),
  ...[InvalidWaitGroupError, InvalidWaitGroupWorkerError].map((type) => rule(type, EXIT_CODE.error, describeForeign)),
];

function describeForeign({ message }: Error): string {
  return `${message}; the CRD does not match koncli ${VERSION}: install it with ${INSTALL}`;
}

function codeOfTimeout({ isServerUnavailable }: TimedOutError | WatchTimedOutError): number {
  return isServerUnavailable ? EXIT_CODE.unavailable : EXIT_CODE.timeout;
}

function describeMarkingFailure({ message, cause, retryCommand }: MarkingFailedError): string {
  const reason = reasonOf(cause);
  const isFinal = [WaitGroupNotFoundError, CounterRejectedError, WorkerError, WorkerIsJobError].some(
    (type) => cause instanceof type,
  );
  return `${message}: ${reason}${isFinal ? '' : `; retry with (safe to repeat): ${retryCommand}`}`;
}

/** Omits the advice to try again, which would run the command again. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AbortedError) return 'nothing was changed';
  return cause instanceof TimedOutError ? cause.message : classify(cause).line;
}
