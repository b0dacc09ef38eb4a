// What programs that count and wait may use, and what the operator builds on.
export * from './backoff.ts';
export type { CallOptions } from './call-options.ts';
export * from './conflict-backoff.ts';
export * from './connect.ts';
export {
  type Connection,
  ConnectionError,
  type Credentials,
  type RequestHeaders,
  type TlsMaterial,
} from './connection.ts';
export type { CounterSet } from './counting.ts';
export type { CountOptions } from './counting-call.ts';
export * from './deadline.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './in-cluster.ts';
export * from './kube-object.ts';
export * from './kube-request.ts';
export * from './kubeconfig.ts';
export * from './kubeconfig-options.ts';
export * from './list.ts';
export * from './list-watch.ts';
export type { OnUnreadable } from './readable.ts';
export * from './self-review.ts';
export * from './server-info.ts';
export { sleep, startTimer } from './timer.ts';
export * from './transport.ts';
export type { WaitOptions } from './wait.ts';
export * from './wait-group-api.ts';
export * from './wait-group-client.ts';
export * from './wait-group-errors.ts';
export * from './watch.ts';
