import {
  AlreadyExistsError,
  ApiError,
  ConflictError,
  ForbiddenError,
  GoneError,
  InvalidError,
  isTransient,
  type KubeStatus,
  mayHaveArrived,
  NotFoundError,
  ResourceNotServedError,
  TooManyRequestsError,
  UnauthorizedError,
  UnavailableError,
} from '@konductor/client';
import { describe, expect, it } from 'vitest';
import { errorFromStatus } from '../../../client/src/core/errors.ts';
import { errorFromSocket } from '../../../client/src/http/socket-errors.ts';

const status = (fields: KubeStatus = {}): KubeStatus => ({ kind: 'Status', message: 'because', ...fields });

describe('errorFromStatus', () => {
  it.each([
    [400, status({ reason: 'BadRequest' }), InvalidError],
    [401, status({ reason: 'Unauthorized' }), UnauthorizedError],
    [403, status({ reason: 'Forbidden' }), ForbiddenError],
    [404, status({ reason: 'NotFound' }), NotFoundError],
    [404, { message: '404 page not found' }, ResourceNotServedError],
    [405, status({ reason: 'MethodNotAllowed' }), ApiError],
    [409, status({ reason: 'AlreadyExists' }), AlreadyExistsError],
    [409, status({ reason: 'Conflict' }), ConflictError],
    [409, { message: "a proxy's page" }, ConflictError],
    [410, status({ reason: 'Expired' }), GoneError],
    [422, status({ reason: 'Invalid' }), InvalidError],
    [429, status({ reason: 'TooManyRequests' }), TooManyRequestsError],
    [500, status({ reason: 'InternalError' }), UnavailableError],
    [503, status({ reason: 'ServiceUnavailable' }), UnavailableError],
    [504, { message: 'gateway timeout' }, UnavailableError],
  ] as const)('maps %i with %o to its class', (code, body, expected) => {
    const error = errorFromStatus(code, body);
    expect(error.constructor).toBe(expected);
    expect(error.name).toBe(expected.name);
    expect(error.message).toContain(body.message);
  });

  it('keeps the code and the whole status', () => {
    const body = status({ reason: 'Forbidden', details: { name: 'batch', kind: 'waitgroups' } });
    expect(errorFromStatus(403, body)).toMatchObject({ code: 403, status: body });
  });

  it('distinguishes errors by reason, not by the text of the message', () => {
    const misleading = status({ reason: 'Conflict', message: 'waitgroups "x" already exists' });
    expect(errorFromStatus(409, misleading)).toBeInstanceOf(ConflictError);
  });

  it('reads the delay that the server asks for', () => {
    const throttled = errorFromStatus(429, status({ details: { retryAfterSeconds: 7 } }));
    expect(throttled).toMatchObject({ retryAfterMs: 7_000 });
    expect(errorFromStatus(429, status())).toMatchObject({ retryAfterMs: 0 });
  });
});

describe('isTransient and mayHaveArrived', () => {
  const refused = new UnavailableError('refused', { mayHaveArrived: false });
  it.each([
    ['an internal error of the server', errorFromStatus(500, status()), true, true],
    ['no connection', refused, true, false],
    ['429', errorFromStatus(429, status()), true, false],
    ['409', errorFromStatus(409, status()), false, false],
    ['403', errorFromStatus(403, status()), false, false],
    ['410', errorFromStatus(410, status()), false, false],
    ['an error of the program', new TypeError('x'), false, false],
    ['no error at all', undefined, false, false],
  ])('classifies %s', (_, error, passes, arrived) => {
    expect([isTransient(error), mayHaveArrived(error)]).toEqual([passes, arrived]);
  });
});

describe('errorFromSocket', () => {
  const withCode = (code: string) => Object.assign(new Error(code.toLowerCase()), { code });

  it.each([
    'SELF_SIGNED_CERT_IN_CHAIN',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])('reports %s as a server that is not trusted', (code) => {
    expect(errorFromSocket(withCode(code), false)).toMatchObject({ name: 'UntrustedServerError' });
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ENOTFOUND', 'EPIPE', 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE'])(
    'reports %s as a server that is unavailable',
    (code) => {
      expect(errorFromSocket(withCode(code), false)).toMatchObject({ name: 'UnavailableError' });
    },
  );

  it('has a message even for an error without one', () => {
    const refusedOnAllAddresses = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
    expect(errorFromSocket(refusedOnAllAddresses, false).message).toBe('ECONNREFUSED');
    expect(errorFromSocket('boom', true)).toMatchObject({ message: 'boom', mayHaveArrived: true });
  });
});
