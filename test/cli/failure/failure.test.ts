import * as client from '@konductor/client';
import * as schema from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { ChecksFailedError, NothingFoundError, WatchTimedOutError } from '../../../cli/src/errors.ts';
import { describeFailure } from '../../../cli/src/failure/failure.ts';
import { MarkingFailedError, NotRunError } from '../../../cli/src/features/run/errors.ts';
import { buildStatus } from '../../schema/wait-groups.ts';

const group = { namespace: 'jobs', name: 'batch' };
const away = { mayHaveArrived: false };
const running = { program: 'koncli', signal: new AbortController().signal };
const stoppedBy = (name: string) => ({ program: 'koncli', signal: AbortSignal.abort(name) });
const notFound = (absence: client.Absence) => new client.WaitGroupNotFoundError(group, absence);
const rejected = (rejection: schema.CounterRejection) => new client.CounterRejectedError(group, rejection);
const timedOut = (isServerUnavailable: boolean, lastStatus?: schema.WaitGroupStatus) =>
  new client.TimedOutError(group, 'no time left', { isServerUnavailable, ...(lastStatus && { lastStatus }) });

const failedWait = (worker?: { worker?: string }) => {
  const failure = { reason: 'DiskFull', message: 'no space left', at: '0001-01-01T00:00:00Z' };
  return new client.WaitGroupFailedError(group, worker && { ...failure, ...worker });
};
const marking = (cause: Error, code?: number) =>
  new MarkingFailedError('not marked', { cause, retryCommand: 'koncli waitgroup done', ...(code && { code }) });

const record: schema.WaitGroupWorker = {
  ...{ apiVersion: 'konductor.io/v1', kind: 'WaitGroupWorker', metadata: { name: 'batch.worker-3.01234567' } },
  spec: {
    ...{ waitGroup: 'batch', waitGroupUid: '01234567', worker: 'worker-3' },
    ...{ added: 1, done: 0, borrowed: 0, round: 0, state: 'Active' },
  },
};
const notYetCounted = (options: { isOperatorAway?: boolean; isFull?: boolean; cause?: Error }) =>
  new client.NotYetCountedError(group, { record, isOperatorAway: false, timeoutMs: 5_000, ...options });

const NOT_YET = 'waitgroup "batch": worker "worker-3" is recorded, but not yet counted after 5s';
const FAILED = 'waitgroup "batch" failed: DiskFull: no space left';
const YEARS = 'at an unknown time';
const RETRY = 'retry with (safe to repeat): koncli waitgroup done';
const STATUS = 'run koncli waitgroup status batch -n jobs';
const FAILED_ADVICE = `for more, ${STATUS}; to wait for zero all the same, give --ignore-failure`;
const CREATE = 'koncli waitgroup create batch -n jobs';
const INSTALL = 'kubectl apply --server-side -f cdk8s/manifests/install.yaml';
const NOT_FOUND = 'waitgroup "batch" not found in namespace "jobs"';
const IF_RIGHT = `if the namespace is right, ${STATUS} to see whether it was deleted, or ${CREATE}`;
const ANONYMOUS = 'User "system:anonymous" cannot list resource "waitgroups"';
const distrust = (reason: client.Distrust) => new client.UntrustedServerError('not trusted', { reason });
const api = <E>(type: new (code: number, status: client.KubeStatus) => E, code: number, message: string) =>
  new type(code, { message });

const FAILURES: readonly (readonly [error: Error, code: number, line: string])[] = [
  [
    new client.OperationIdReusedError(group, { operationId: 'job-7', recorded: 5, delta: -5 }),
    1,
    'waitgroup "batch": operation ID "job-7" was used for a change of 5, this one is -5: use a different ID for each change; nothing was changed',
  ],
  [
    new client.ForeignRecordError(group, record),
    1,
    'waitgroup "batch": WaitGroupWorker "batch.worker-3.01234567" belongs to another WaitGroup, with UID 01234567; nothing was changed: try again, or if it was restored from a backup, delete it with kubectl delete waitgroupworker batch.worker-3.01234567 -n jobs',
  ],
  [
    new client.WorkerIsJobError(group, { ...record, spec: { ...record.spec, job: { name: 'load', uid: 'u' } } }),
    1,
    'waitgroup "batch": worker "worker-3" is Job "load", which the operator counts; nothing was changed: give this worker another ID',
  ],
  [notFound('missing'), 2, `${NOT_FOUND}: ${IF_RIGHT}`],
  [notFound('deleted'), 2, 'waitgroup "batch" in namespace "jobs" was deleted'],
  [notFound('recreated'), 2, 'waitgroup "batch" in namespace "jobs" was deleted and recreated'],
  [
    new NothingFoundError('none: to list all, run koncli waitgroup list'),
    2,
    'none: to list all, run koncli waitgroup list',
  ],
  [new ChecksFailedError(['CRD', 'count'], 2), 2, 'failed checks: CRD, count'],
  [
    rejected({ reason: 'BelowZero', counter: 1, delta: -2 }),
    1,
    'waitgroup "batch": the counter is 1, a change of -2 would take it below zero; nothing was changed: ' +
      'add work before it starts, and mark it done only once',
  ],
  [
    rejected({ reason: 'NothingOutstanding' }),
    1,
    'waitgroup "batch": no work is outstanding, so nothing can fail; nothing was changed: ' +
      'report a failure before the last work is marked done',
  ],
  [failedWait({ worker: 'worker-3' }), 6, `${FAILED} (by worker-3, ${YEARS}); ${FAILED_ADVICE}`],
  [failedWait({}), 6, `${FAILED} (${YEARS}); ${FAILED_ADVICE}`],
  [failedWait(), 6, `waitgroup "batch": a round failed since the wait began; ${FAILED_ADVICE}`],
  [marking(new client.UnavailableError('connection refused', away)), 5, `not marked: connection refused; ${RETRY}`],
  [marking(rejected({ reason: 'NothingOutstanding' }), 3), 3, expect.stringMatching(/^not marked: .*marked done$/)],
  [marking(new client.UnavailableError('connection refused', away), 3), 3, `not marked: connection refused; ${RETRY}`],
  [
    rejected({ reason: 'AboveMaximum', counter: 2, delta: 2147483647 }),
    1,
    'waitgroup "batch": the counter is 2, a change of 2147483647 would take it above 2147483647; nothing was changed',
  ],
  [
    rejected({ reason: 'HeldByWorkers', counter: 3, delta: -2, workers: 2 }),
    1,
    'waitgroup "batch": the counter is 3, of which 2 belong to workers with an identity, which a change of -2 cannot finish; ' +
      'nothing was changed: finish theirs with koncli waitgroup done --worker ID, or if a worker is lost, ' +
      'koncli waitgroup release --worker ID',
  ],
  [notYetCounted({}), 3, `${NOT_YET}: the operator is behind`],
  [
    notYetCounted({ isOperatorAway: true }),
    3,
    `${NOT_YET}: the operator has counted nothing meanwhile: check that it is running`,
  ],
  [
    notYetCounted({ isOperatorAway: true, isFull: true }),
    3,
    `${NOT_YET}: the counter is at its maximum of 2147483647: it is counted when other work is marked done`,
  ],
  [
    new NotRunError('the command was not run', { cause: notYetCounted({}) }),
    3,
    `the command was not run: ${NOT_YET}: the operator is behind`,
  ],
  [notYetCounted({ cause: new Error('no route') }), 3, `${NOT_YET}: the API server is unavailable: no route`],
  [new WatchTimedOutError('5s', false), 3, 'timed out after 5s'],
  [new WatchTimedOutError('5s', true), 5, 'timed out after 5s; the API server is unavailable'],
  [timedOut(false), 3, 'no time left; try again'],
  [timedOut(false, buildStatus({ counter: 2 })), 3, `no time left; to see why, ${STATUS}`],
  [timedOut(true), 5, 'no time left'],
  [
    new client.TimedOutError(group, 'not found after 2s', { isServerUnavailable: false, isMissing: true }),
    2,
    `not found after 2s: ${IF_RIGHT}`,
  ],
  [
    new client.UnknownOutcomeError(group, 'who knows'),
    5,
    `who knows; to see whether it was applied, ${STATUS} -o wide`,
  ],
  [
    api(client.ResourceNotServedError, 404, '404 page not found'),
    2,
    `the API server does not serve WaitGroups (konductor.io/v1): install the CRD with ${INSTALL}`,
  ],
  [
    new client.NotFoundError(404, { message: 'namespaces "jobs" not found', details: { kind: 'namespaces' } }),
    2,
    'namespaces "jobs" not found: create it, or select another with -n',
  ],
  [api(client.ForbiddenError, 403, 'exceeded quota'), 4, 'exceeded quota'],
  [
    api(client.ForbiddenError, 403, ANONYMOUS),
    4,
    `${ANONYMOUS}: the request was anonymous; log in, or check the user in the kubeconfig`,
  ],
  [
    api(client.UnauthorizedError, 401, 'Unauthorized'),
    4,
    'the API server rejected the credentials (Unauthorized): log in again, or check the user in the kubeconfig',
  ],
  [
    api(client.AlreadyExistsError, 409, '"batch" already exists'),
    1,
    '"batch" already exists: choose another name, or delete the existing one first',
  ],
  [api(client.TooManyRequestsError, 429, 'slow down'), 5, 'slow down'],
  [api(client.ConflictError, 409, 'changed meanwhile'), 1, 'changed meanwhile'],
  [api(client.InvalidError, 422, 'spec.ttl: bad'), 1, 'spec.ttl: bad'],
  [api(client.GoneError, 410, 'too old'), 1, 'too old'],
  [new client.ApiError(405, {}), 1, 'the API server responded with 405'],
  [new client.UnavailableError('connection refused', away), 5, 'connection refused'],
  [distrust('dates'), 1, 'not trusted: check the clock of this machine, or renew the certificate'],
  [distrust('names'), 1, 'not trusted: check server and tls-server-name in the kubeconfig'],
  [
    distrust('issuer'),
    1,
    "not trusted: add the issuer's certificate to certificate-authority in the kubeconfig, or in a pod to the ca.crt of its ServiceAccount",
  ],
  [
    distrust('noTls'),
    1,
    'not trusted: check server in the kubeconfig: if the server is meant to have no TLS, write http://',
  ],
  [new client.ConnectionError('no cluster found: set KUBECONFIG'), 1, 'no cluster found: set KUBECONFIG'],
  [
    new schema.InvalidWaitGroupError('not a WaitGroup'),
    1,
    `not a WaitGroup; the CRD does not match koncli 0.1.0: install it with ${INSTALL}`,
  ],
  [
    new schema.InvalidWaitGroupWorkerError('no record'),
    1,
    `no record; the CRD does not match koncli 0.1.0: install it with ${INSTALL}`,
  ],
  [
    new TypeError('x is not a function'),
    1,
    'unexpected error: x is not a function; for details, run again with --log-level debug',
  ],
];

/** Aborted runs have a table of their own; WaitGroupError is only a base. */
const COVERED_ELSEWHERE = ['AbortedError', 'WaitGroupError'];

describe('describeFailure', () => {
  it.each(FAILURES)('describes %s with exit code %d', (error, code, line) => {
    expect(describeFailure(error, running)).toEqual({ code, line });
  });

  it('is tested with every error of the client and the schema', () => {
    const classes = Object.entries({ ...client, ...schema }).filter(([name]) => /^[A-Z].*Error$/.test(name));
    const tried = new Set<string>([...FAILURES.map(([error]) => error.constructor.name), ...COVERED_ELSEWHERE]);
    expect(classes.length).toBeGreaterThan(15);
    expect(classes.map(([name]) => name).filter((name) => !tried.has(name))).toEqual([]);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('returns the exit code of %s, %d, and the outcome that the client reports', (name, code) => {
    const line = (error: Error) => describeFailure(error, stoppedBy(name));
    expect(line(new client.AbortedError('aborted'))).toEqual({ code, line: `stopped by ${name}` });
    const unchanged = { code, line: `stopped by ${name}; nothing was changed` };
    expect(line(new client.AbortedError('aborted; nothing was changed'))).toEqual(unchanged);
    const unknown = { code, line: expect.stringContaining(`stopped by ${name}: who knows`) };
    expect(line(new client.UnknownOutcomeError(group, 'who knows'))).toEqual(unknown);
  });

  it('uses the name that koncli was called by', () => {
    const plugin = { ...running, program: 'kubectl konductor' };
    expect(describeFailure(notFound('missing'), plugin).line).toMatch(
      /, run kubectl konductor waitgroup status batch .*, or kubectl konductor waitgroup create batch -n jobs$/,
    );
  });

  it('accepts a value that is not an error', () => {
    expect(describeFailure('boo', running)).toEqual({
      code: 1,
      line: 'unexpected error: boo; for details, run again with --log-level debug',
    });
  });
});
