// What programs that count and wait may use, and what the operator builds on.
export * from './backoff.ts';
export type { CallOptions } from './call-options.ts';
export * from './connect.ts';
export * from './connection.ts';
export type { CountOptions } from './counting-call.ts';
export * from './deadline.ts';
export * from './errors.ts';
export * from './in-cluster.ts';
export * from './kubeconfig.ts';
export * from './list.ts';
export * from './list-watch.ts';
export * from './timer.ts';
export * from './transport.ts';
export type { WaitOptions } from './wait.ts';
export * from './wait-group-api.ts';
export * from './wait-group-client.ts';
export * from './wait-group-errors.ts';
export * from './watch.ts';
