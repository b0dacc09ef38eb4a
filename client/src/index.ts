// The public API: what programs that count and wait use, and what koncli and the operator build on.

export * from './connect/connect.ts';
export {
  type Connection,
  ConnectionError,
  type Credentials,
  type RequestHeaders,
  type TlsMaterial,
} from './connect/connection.ts';
export * from './connect/in-cluster.ts';
export * from './connect/kubeconfig.ts';
export * from './core/backoff.ts';
export * from './core/deadline.ts';
export * from './core/errors.ts';
export { sleep, startTimer } from './core/timer.ts';
export * from './kubernetes/events.ts';
export * from './kubernetes/kube-object.ts';
export * from './kubernetes/list.ts';
export * from './kubernetes/list-watch.ts';
export * from './kubernetes/resource-path.ts';
export * from './kubernetes/self-review.ts';
export * from './kubernetes/server-info.ts';
export * from './kubernetes/watch.ts';
export * from './transport/kube-request.ts';
export * from './transport/transport.ts';
export type { CallOptions } from './wait-group/call-options.ts';
export type { CountOptions } from './wait-group/counting/counting-call.ts';
export type { CounterSet } from './wait-group/counting/counting-queue.ts';
export type { OnUnreadable } from './wait-group/parse-readable.ts';
export * from './wait-group/wait-group-api.ts';
export * from './wait-group/wait-group-errors.ts';
export type { WaitOptions } from './wait-group/waiting/wait.ts';
export * from './wait-group-client.ts';
