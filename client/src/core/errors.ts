// What can go wrong between this program and the API server, as a few typed errors. Made in one place, by the status
// code and reason of the answer, never by the text of a message.

/** The part of metav1.Status that errors are told apart by. */
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

/** An answer of the API server that refuses the request; `status` is what it said. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly code: number;
  readonly status: KubeStatus;
  constructor(code: number, status: KubeStatus, options?: ErrorOptions) {
    super(status.message ?? `the API server answered ${code}`, options);
    this.code = code;
    this.status = status;
  }
}

/** 404: the object is not there. */
export class NotFoundError extends ApiError {
  override readonly name = 'NotFoundError';
}
/** 404 without a Status: the API server does not know the resource, its CRD is missing. */
export class ResourceNotServedError extends ApiError {
  override readonly name = 'ResourceNotServedError';
}
/** 409: another write came first, or a precondition does not hold. */
export class ConflictError extends ApiError {
  override readonly name = 'ConflictError';
}
/** 409 on create: an object of this name is there. */
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
/** 400 or 422: the request or the object is refused for what it says. */
export class InvalidError extends ApiError {
  override readonly name = 'InvalidError';
}
/** 410: the resourceVersion asked for is too old. */
export class GoneError extends ApiError {
  override readonly name = 'GoneError';
}
/** 429: refused for now, before the request was looked at. */
export class TooManyRequestsError extends ApiError {
  override readonly name = 'TooManyRequestsError';
  get retryAfterMs(): number {
    return (this.status.details?.retryAfterSeconds ?? 0) * 1000;
  }
}

/** No usable answer: the API server is away, too slow, or failed inside (5xx). Worth trying again. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  /** False only when the request certainly never reached the API server. */
  readonly mayHaveArrived: boolean;
  constructor(message: string, options: ErrorOptions & { mayHaveArrived: boolean }) {
    super(message, options);
    this.mayHaveArrived = options.mayHaveArrived;
  }
}

/** The server's certificate is not signed by the CA that the kubeconfig names; trying again does not help. */
export class UntrustedServerError extends Error {
  override readonly name = 'UntrustedServerError';
}

/** The caller's AbortSignal fired. */
export class AbortedError extends Error {
  override readonly name = 'AbortedError';
  /** True when a request was on its way. */
  readonly mayHaveArrived: boolean;
  constructor(message: string, options: ErrorOptions & { mayHaveArrived?: boolean } = {}) {
    super(message, options);
    this.mayHaveArrived = options.mayHaveArrived ?? false;
  }
}

/** The typed error for an answer of the API server, or for an in-band ERROR event of a watch. */
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

/** How long the API server asks to be left alone; 0: it does not. */
export function retryAfterMsOf(error: unknown): number {
  return error instanceof TooManyRequestsError ? error.retryAfterMs : 0;
}

/** Whether the same request may succeed later without anybody changing anything. */
export function isTransient(error: unknown): error is UnavailableError | TooManyRequestsError {
  return error instanceof UnavailableError || error instanceof TooManyRequestsError;
}

/** Whether a write that failed so may have taken effect all the same. */
export function mayHaveArrived(error: unknown): boolean {
  return (error instanceof UnavailableError || error instanceof AbortedError) && error.mayHaveArrived;
}
