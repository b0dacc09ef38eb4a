// The public API: what programs that count and wait use, and what koncli and the operator build on.

export { type ConnectOptions, connect, listContexts } from './connect/connect.ts';
export {
  type Connection,
  ConnectionError,
  type Credentials,
  type RenewalReason,
  type RequestHeaders,
  type TlsMaterial,
} from './connect/connection.ts';
export type { Impersonation } from './connect/impersonation.ts';
export { type InClusterOptions, inClusterConnection, isInCluster } from './connect/in-cluster.ts';
export { type KubeconfigOptions, kubeconfigConnection } from './connect/kubeconfig.ts';
export { Backoff, type BackoffOptions } from './core/backoff.ts';
export { Deadline, formatMs } from './core/deadline.ts';
export {
  AbortedError,
  AlreadyExistsError,
  ApiError,
  ConflictError,
  type Distrust,
  ForbiddenError,
  GoneError,
  InvalidError,
  isTransient,
  type KubeStatus,
  mayHaveArrived,
  NotFoundError,
  ResourceNotServedError,
  retryAfterMsOf,
  TooManyRequestsError,
  UnauthorizedError,
  UnavailableError,
  UntrustedServerError,
} from './core/errors.ts';
export { ServerClock } from './core/server-clock.ts';
export { sleep, startTimer } from './core/timer.ts';
export {
  createEvent,
  type EventDescription,
  type EventSource,
  type EventSubject,
  type InvolvedObject,
  type NewEvent,
  newEvent,
  type RecordedEvent,
} from './kubernetes/events.ts';
export type { KubeObject } from './kubernetes/kube-object.ts';
export { type CompleteList, type ListRequest, listAll, type Transform } from './kubernetes/list.ts';
export {
  type ListWatchEvent,
  type ListWatchObserver,
  type ListWatchOptions,
  listAndWatch,
} from './kubernetes/list-watch.ts';
export { type ResourceReference, resourcePath } from './kubernetes/resource-path.ts';
export { type AccessRequest, isAllowed, reviewSelf, type SelfReview } from './kubernetes/self-review.ts';
export { isServed, type KindReference, servedSchema, serverVersion } from './kubernetes/server-info.ts';
export type { KubeRequest, RequestLimits } from './transport/kube-request.ts';
export { KubeTransport, type KubeTransportOptions, type RequestResult } from './transport/transport.ts';
export type { CallOptions } from './wait-group/call-options.ts';
export type { Counted, CountOptions } from './wait-group/counting/counting-call.ts';
export type { CounterSet } from './wait-group/counting/counting-queue.ts';
export type { GroupToCount } from './wait-group/counting/create-counted.ts';
export type { FailureReport } from './wait-group/counting/failure-report.ts';
export type { OnUnreadable } from './wait-group/parse-readable.ts';
export * from './wait-group/wait-group-api.ts';
export * from './wait-group/wait-group-errors.ts';
export type { WaitOptions } from './wait-group/waiting/wait.ts';
export type { WorkerOutcome } from './wait-group/workers/record-operation.ts';
export { type GroupIdentity, WorkerApi } from './wait-group/workers/worker-api.ts';
export type {
  ReleaseOptions,
  Worker,
  WorkerAddOptions,
  WorkerClient,
  WorkerCounted,
  WorkerOptions,
} from './wait-group/workers/worker-client.ts';
export { toWorkerId, type WorkerPlace, workerIdFor } from './wait-group/workers/worker-id.ts';
export * from './wait-group-client.ts';
