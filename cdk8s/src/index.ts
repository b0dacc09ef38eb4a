// What charts may use.
export * from './crd.ts';
export * from './injection.ts';
export * from './koncli.ts';
export {
  KonductorOperator,
  type KonductorOperatorProps,
  OPERATOR_IMAGE,
  type SecureMetricsProps,
} from './konductor-operator.ts';
export * from './monitoring.ts';
export type { OperatorNetworkPolicyProps } from './network-policy.ts';
export type { OperatorPodProps, OperatorResources } from './operator-props.ts';
export * from './patterns/batch-job.ts';
export * from './patterns/dynamic-workers.ts';
export * from './patterns/pipeline.ts';
export * from './rbac.ts';
export * from './version.ts';
export * from './wait-group.ts';
export * from './wait-group-reference.ts';
export type { KoncliDelivery } from './workloads/koncli-volume.ts';
export type { WaiterOptions } from './workloads/waiter-pods.ts';
export type { WorkerOptions } from './workloads/worker-pods.ts';
export type { Workload } from './workloads/workload.ts';
