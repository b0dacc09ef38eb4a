// The typed errors of requests to the API server. One function maps responses to them, by status code and reason and
// never by the text of a message.

/** The fields of metav1.Status that distinguish errors. */
export interface KubeStatus {
  readonly kind?: 'Status';
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly name?: string;
    readonly kind?: string;
    readonly group?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  };
}

/** The API server rejected the request with this status. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly code: number;
  readonly status: KubeStatus;
  constructor(code: number, status: KubeStatus, options?: ErrorOptions) {
    super(status.message ?? `the API server responded with ${code}`, options);
    this.code = code;
    this.status = status;
  }
}

/** 404: the object does not exist. */
export class NotFoundError extends ApiError {
  override readonly name = 'NotFoundError';
}
/** 404 without a Status: the API server does not serve the resource, usually because its CRD is missing. */
export class ResourceNotServedError extends ApiError {
  override readonly name = 'ResourceNotServedError';
}
/** 409: another write came first, or a precondition failed. */
export class ConflictError extends ApiError {
  override readonly name = 'ConflictError';
}
/** 409 on create: an object with this name exists. */
export class AlreadyExistsError extends ApiError {
  override readonly name = 'AlreadyExistsError';
}
/** 401: the credentials are not accepted. */
export class UnauthorizedError extends ApiError {
  override readonly name = 'UnauthorizedError';
}
/** 403: RBAC or an admission plugin forbids it. */
export class ForbiddenError extends ApiError {
  override readonly name = 'ForbiddenError';
}
/** 400 or 422: the request or the object is invalid. */
export class InvalidError extends ApiError {
  override readonly name = 'InvalidError';
}
/** 410: the requested resourceVersion is too old. */
export class GoneError extends ApiError {
  override readonly name = 'GoneError';
}
/** 429: the API server is overloaded and rejected the request before processing it. */
export class TooManyRequestsError extends ApiError {
  override readonly name = 'TooManyRequestsError';
  get retryAfterMs(): number {
    return (this.status.details?.retryAfterSeconds ?? 0) * 1000;
  }
}

/** There was no usable response: the API server is unreachable, too slow, or failed (5xx). A retry may succeed. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  /** False only when the request certainly did not reach the API server. */
  readonly mayHaveArrived: boolean;
  constructor(message: string, options: ErrorOptions & { mayHaveArrived: boolean }) {
    super(message, options);
    this.mayHaveArrived = options.mayHaveArrived;
  }
}

/** Why a server is not trusted: by its certificate's dates, names or issuer, or because it does not use TLS at all. */
export type Distrust = 'dates' | 'names' | 'issuer' | 'noTls';

/** The server is not the one that the client is configured to trust. Nothing was sent to it. */
export class UntrustedServerError extends Error {
  override readonly name = 'UntrustedServerError';
  readonly reason: Distrust;
  constructor(message: string, options: ErrorOptions & { reason: Distrust }) {
    super(message, options);
    this.reason = options.reason;
  }
}

/** The caller's AbortSignal was aborted. */
export class AbortedError extends Error {
  override readonly name = 'AbortedError';
  /** True when a request may have reached the API server. */
  readonly mayHaveArrived: boolean;
  constructor(message: string, options: ErrorOptions & { mayHaveArrived?: boolean } = {}) {
    super(message, options);
    this.mayHaveArrived = options.mayHaveArrived ?? false;
  }
}

/** Returns the typed error for a response of the API server, or for an in-band ERROR event of a watch. */
export function errorFromStatus(code: number, status: KubeStatus): ApiError | UnavailableError {
  if (code >= 500) {
    const message = `the API server failed with ${code}: ${status.message ?? 'no reason given'}`;
    return new UnavailableError(message, { mayHaveArrived: true });
  }
  return new (classFor(code, status))(code, status);
}

function classFor(code: number, status: KubeStatus): typeof ApiError {
  switch (code) {
    case 400:
    case 422:
      return InvalidError;
    case 401:
      return UnauthorizedError;
    case 403:
      return ForbiddenError;
    case 404:
      return status.kind === 'Status' ? NotFoundError : ResourceNotServedError;
    case 409:
      return status.reason === 'AlreadyExists' ? AlreadyExistsError : ConflictError;
    case 410:
      return GoneError;
    case 429:
      return TooManyRequestsError;
    default:
      return ApiError;
  }
}

/** The delay that the API server asked for before the next request; 0: none. */
export function retryAfterMsOf(error: unknown): number {
  return error instanceof TooManyRequestsError ? error.retryAfterMs : 0;
}

/** Whether the same request may succeed later without any change. */
export function isTransient(error: unknown): error is UnavailableError | TooManyRequestsError {
  return error instanceof UnavailableError || error instanceof TooManyRequestsError;
}

/** Whether a write that failed with this error may have taken effect. */
export function mayHaveArrived(error: unknown): boolean {
  return (error instanceof UnavailableError || error instanceof AbortedError) && error.mayHaveArrived;
}
